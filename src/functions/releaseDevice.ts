import { actOnDevice } from './actOnDevice.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('releaseDevice', (call) => actOnDevice('release', call));
