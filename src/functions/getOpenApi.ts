import { ok } from '../http/answers.ts';
import { createOpenApi } from '../http/openApi.ts';
import { responseServices } from '../services.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('getOpenApi', () => Promise.resolve(ok(createOpenApi(responseServices().settings.callers))));
