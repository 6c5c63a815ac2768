import { type CommandSpec, JSON_OPTION } from '../command.js';

const DB = { describe: 'database written by detbal run or detbal import' };

/** Commands: reading a database. */
export const READ: readonly CommandSpec[] = [
	{
		usage: 'ls [dbs..]',
		describe: 'list the runs and imports of databases',
		positionals: { dbs: { describe: 'databases (default: every one under results/)' } },
		options: {
			digest: {
				type: 'boolean',
				describe: 'digests of large runs, too',
				defaultText: 'up to 200,000 attempts',
			},
			json: JSON_OPTION,
		},
		examples: [
			['detbal ls', 'what is in results/'],
			['detbal ls mine.sqlite theirs.sqlite', 'of some databases'],
		],
		load: () => import('../ls.js'),
	},
	{
		usage: 'show <db>',
		describe: 'show one run or import in full, or the draws of one source',
		positionals: { db: DB },
		options: {
			run: { type: 'number', describe: 'number of the run', defaultText: 'the only one' },
			import: { type: 'number', describe: 'number of an import, to show it instead' },
			source: { type: 'string', describe: 'show the draws of this state' },
			model: { type: 'string', describe: 'cells of this model only' },
			template: { type: 'string', describe: 'cells of this template only' },
			temperature: { type: 'number', describe: 'cells of this temperature only' },
			seed: { type: 'number', describe: 'cells of this seed only' },
			cell: { type: 'number', describe: 'this cell only, by its number' },
			from: { type: 'number', describe: 'first draw to show', defaultText: '0' },
			limit: { type: 'number', describe: 'how many cells or draws to show', defaultText: '20' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal show run.sqlite', 'its identities, cells and digests'],
			['detbal show run.sqlite --model llama-driven --seed 1', 'some of its cells'],
			[
				'detbal show run.sqlite --source FIG --model llama-driven --template plain --seed 1',
				'what came back, draw by draw',
			],
		],
		load: () => import('../show.js'),
	},
	{
		usage: 'query <db> <sql>',
		describe: 'ask a database in SQL, read-only',
		positionals: {
			db: DB,
			sql: { describe: 'one statement that reads; tables and views: docs/database.md' },
		},
		options: {
			limit: {
				type: 'number',
				describe: 'rows at most',
				defaultText: '1000 in a table, else all',
			},
			csv: { type: 'boolean', describe: 'print CSV' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal query run.sqlite "SELECT model, seed, done FROM progress"', 'how far each cell is'],
			[
				'detbal query run.sqlite "SELECT source, completion FROM transitions" --csv',
				'what came back',
			],
		],
		load: () => import('../query.js'),
	},
	{
		usage: 'du <dbs..>',
		describe: 'what takes the space of databases',
		positionals: { dbs: { describe: 'one or more databases' } },
		options: { json: JSON_OPTION },
		examples: [['detbal du results/demo.sqlite', 'by table, by index, by run']],
		load: () => import('../du.js'),
	},
	{
		usage: 'gc <db>',
		describe: 'remove what nothing refers to and compact a database; attempts stay',
		positionals: { db: DB },
		options: {
			'dry-run': { type: 'boolean', describe: 'say what it would free and change nothing' },
			laws: {
				type: 'boolean',
				describe: 'drop the recorded laws, too: a rerun can no longer show them',
			},
			yes: { type: 'boolean', describe: 'with --laws: yes, drop them' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal gc run.sqlite --dry-run', 'what would be freed'],
			['detbal gc run.sqlite --laws --yes', 'the smallest database that still has every attempt'],
		],
		load: () => import('../gc.js'),
	},
];
