import { isCallerRole } from '../http/Caller.ts';
import { ok } from '../http/answers.ts';
import { responseServices } from '../services.ts';
import { registerEndpoint } from './registerEndpoint.ts';

/** Everybody may know whether the app is up; what is wrong with it is for callers with a role. */
registerEndpoint('getHealth', async ({ caller, signal }) => {
  const report = await responseServices().health().report(signal);
  return ok(caller?.roles.some(isCallerRole) ? report : { status: report.status });
});
