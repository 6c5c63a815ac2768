import { type CommandSpec, JSON_OPTION } from '../command.js';

/** Commands: model files. */
export const MODELS: readonly CommandSpec[] = [
	{
		usage: 'models <action> [names..]',
		describe: 'list, inspect, build, verify or pull models',
		positionals: {
			action: {
				describe: 'what to do',
				choices: ['list', 'inspect', 'build', 'verify', 'pull'],
			},
			names: { describe: 'model ids, or GGUF files for inspect' },
		},
		options: {
			offline: { type: 'boolean', describe: 'pull: use what is here, no network call' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal models list', 'what models there are'],
			['detbal models build', 'make the calibration models'],
			['detbal models pull smollm2-135m-instruct', 'fetch a real model and check it'],
			['detbal models inspect model.gguf', 'what a file says about itself'],
		],
		load: () => import('../models.js'),
	},
];
