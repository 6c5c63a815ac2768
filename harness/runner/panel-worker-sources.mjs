/**
 * The worker where the harness runs from its TypeScript sources (tests, benchmarks): before node 22
 * a worker thread does not take over the loader of `node --import tsx`. It is not part of the build.
 */
import { register } from 'tsx/esm/api';

register();
await import('./panel-worker.ts');
