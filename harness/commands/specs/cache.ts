import { type CommandSpec, JSON_OPTION } from '../command.js';

/** Commands: laws that were kept. */
export const CACHE: readonly CommandSpec[] = [
	{
		usage: 'cache <action>',
		describe: 'list, prune or clear the next-token laws that detbal run --cache keeps',
		positionals: {
			action: {
				describe: 'list: by model and numerics; prune: remove some; clear: remove all',
				choices: ['list', 'prune', 'clear'],
			},
		},
		options: {
			cache: {
				type: 'string',
				describe: 'the file',
				defaultText: 'results/laws.cache.sqlite',
			},
			'older-than': { type: 'number', describe: 'prune: laws not used for so many days' },
			'max-size': {
				type: 'string',
				describe: 'prune: laws not used for longest, until the file is so large, as 500MiB',
			},
			json: JSON_OPTION,
		},
		examples: [
			['detbal cache list', 'what is kept, of which models'],
			['detbal cache prune --older-than 30 --max-size 1GiB', 'what was used of late stays'],
			['detbal cache clear', 'remove all of it: laws can be evaluated again'],
		],
		load: () => import('../cache.js'),
	},
];
