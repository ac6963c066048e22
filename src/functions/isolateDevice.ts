import { actOnDevice } from './actOnDevice.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('isolateDevice', (call) => actOnDevice('isolate', call));
