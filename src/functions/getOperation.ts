import { ok } from '../http/answers.ts';
import { toOperationView } from '../operations/operationView.ts';
import { lookAtOperation } from './input/lookAtOperation.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('getOperation', async (call) => ok(toOperationView(await lookAtOperation(call))));
