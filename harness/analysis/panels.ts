/** Every resampling panel, for a worker to find by name. */
import { OUTCOME_SHUFFLES } from './assumptions/outcome-panel.js';
import { TARGET_SHUFFLES } from './dependence/target-panel.js';
import { formNoisePanel } from './effect/form-noise.js';
import { EXACT_WALKS } from './exact/walks-panel.js';
import { LIKENESS_SHUFFLES, ROW_SHUFFLES } from './likeness/shuffle-panel.js';
import { REPLICA } from './replica/replica.js';
import type { Panel } from './resample.js';
import { UNIVERSALITY } from './universality/nested-test.js';

export const PANELS: readonly Panel<never>[] = [
	EXACT_WALKS,
	REPLICA,
	TARGET_SHUFFLES,
	OUTCOME_SHUFFLES,
	formNoisePanel,
	UNIVERSALITY,
	LIKENESS_SHUFFLES,
	ROW_SHUFFLES,
];
