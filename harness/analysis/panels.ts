/** Every resampling panel, for a worker to find by name. */
import type { Panel } from './resample.js';

export const PANELS: readonly Panel<never>[] = [];
