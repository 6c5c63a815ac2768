import type { Option } from '../command.js';

/** Options of whatever judges kernels as `detbal verify` does. */
export const VERIFY_OPTIONS = {
	samples: { type: 'number', describe: 'tables drawn for the exact test', defaultText: '999' },
	seed: { type: 'number', describe: 'seed of everything that is resampled', defaultText: '1' },
	tolerance: {
		type: 'number',
		describe: 'rms cycle affinity in nats below which detailed balance holds',
		defaultText: '0.1',
	},
	'tolerance-dependence': {
		type: 'number',
		describe: 'mutual information in nats below which the input does not matter',
		defaultText: '0.01',
	},
	alpha: {
		type: 'number',
		describe: 'chance of one false violation in the whole report (Holm)',
		defaultText: '0.05',
	},
	quick: { type: 'boolean', describe: 'leave out all that is resampled: no p-values' },
	workers: { type: 'number', describe: 'threads to use', defaultText: 'all cores' },
} as const satisfies Readonly<Record<string, Option>>;
