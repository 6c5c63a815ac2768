import { type CommandSpec, JSON_OPTION } from '../command.js';

/** Commands: sealed artifacts. */
export const ARCHIVE: readonly CommandSpec[] = [
	{
		usage: 'archive <what..>',
		describe:
			'seal databases with all that belongs to them, or verify, open, rerun what was sealed',
		positionals: {
			what: { describe: 'databases to seal; or: verify FILE, open FILE DIR, rerun FILE' },
		},
		options: {
			output: { type: 'string', alias: 'o', describe: 'zip file to write (must not exist)' },
			'with-models': { type: 'boolean', describe: 'put the model files inside, too' },
			'without-report': { type: 'boolean', describe: 'leave out the report and its figures' },
			author: { type: 'string', describe: 'who made the data (several: separated by ;)' },
			licence: { type: 'string', describe: 'licence of the data, for example CC-BY-4.0' },
			models: {
				type: 'string',
				describe: 'folder to look for model files in',
				defaultText: 'inside, or where they belong',
			},
			'max-bytes': {
				type: 'number',
				describe: 'most that an archive may unpack to, at any ratio',
				defaultText: '16 GiB, 200 to 1',
			},
			json: JSON_OPTION,
		},
		examples: [
			['detbal archive results/demo.sqlite -o demo.zip', 'seal a database and its report'],
			['detbal archive verify demo.zip', 'every hash, digest and key; exit 4 if one is wrong'],
			['detbal archive open demo.zip demo', 'restore it into a new folder'],
			['detbal archive rerun demo.zip', 'repeat its runs from the archive alone'],
		],
		load: () => import('../archive.js'),
	},
];
