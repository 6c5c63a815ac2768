import { type CommandSpec, JSON_OPTION } from '../command.js';

/** Commands: what changes bits on this machine. */
export const DOCTOR: readonly CommandSpec[] = [
	{
		usage: 'doctor',
		describe: 'find out which settings change bits on this machine, and what to mend',
		positionals: {},
		options: {
			model: {
				type: 'string',
				describe: 'model to examine: a name of detbal models list, or a GGUF file',
				defaultText: 'an embedded one of each kind',
			},
			gpu: {
				type: 'string',
				describe: 'what the base settings run on; the other is compared with it',
				choices: ['cpu', 'auto', 'cuda', 'vulkan', 'metal'],
				defaultText: 'cpu',
			},
			builds: {
				type: 'boolean',
				describe: 'try every build of the CPU backend that can be loaded; --no-builds: none',
				defaultText: 'with models up to 64 MiB',
			},
			out: {
				type: 'string',
				describe: 'file to write the document to; runs made afterwards keep it',
				defaultText: 'results/doctor.json',
			},
			db: {
				type: 'string',
				describe: 'keep it also with the runs of this database that were made here',
			},
			json: JSON_OPTION,
		},
		examples: [
			['detbal doctor', 'a table of settings and models, and what to mend'],
			['detbal doctor --model my-model.gguf', 'a model of your own'],
			['detbal doctor --json', 'one document, as in results/doctor.json'],
		],
		load: () => import('../doctor.js'),
	},
];
