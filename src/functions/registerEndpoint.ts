import { app } from '@azure/functions';
import { createHandler, type Answer } from '../http/createHandler.ts';
import { endpoints, type EndpointName } from '../http/endpoints.ts';
import { responseServices } from '../services.ts';
import { usesFunctionKeys } from '../settings/parseResponseSettings.ts';

/** Registers one HTTP function as the table of endpoints describes it. */
export function registerEndpoint(name: EndpointName, answer: Answer): void {
  const { method, route, roles } = endpoints[name];
  // A token is verified in code, behind an open route; only keys are the host's to check.
  const needsKey = usesFunctionKeys(process.env) && roles.length > 0;
  app.http(name, {
    methods: [method],
    route,
    authLevel: needsKey ? 'function' : 'anonymous',
    handler: createHandler(name, () => responseServices().gate(), answer),
  });
}
