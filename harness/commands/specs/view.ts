import { type CommandSpec, JSON_OPTION } from '../command.js';

/** Commands: a look at a run while it goes on. */
export const VIEW: readonly CommandSpec[] = [
	{
		usage: 'view <db>',
		describe: 'watch a database in a browser while a run writes it; it only reads',
		positionals: { db: { describe: 'database written by detbal run or detbal import' } },
		options: {
			port: { type: 'number', describe: 'port of 127.0.0.1', defaultText: 'a free one' },
			every: {
				type: 'number',
				describe: 'least seconds between two looks at the statistics',
				defaultText: '5',
			},
			json: JSON_OPTION,
		},
		examples: [
			['detbal view results/words.sqlite', 'then open the address it prints'],
			['detbal view results/words.sqlite --port 8123 --every 60', 'always the same address'],
		],
		load: () => import('../view.js'),
	},
];
