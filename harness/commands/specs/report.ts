import { type CommandSpec, JSON_OPTION } from '../command.js';
import { VERIFY_OPTIONS } from './verify-options.js';

/** Commands: what a reader looks at. */
export const REPORT: readonly CommandSpec[] = [
	{
		usage: 'report <dbs..>',
		describe: 'one self-contained HTML file with verdicts, figures, tables and methods',
		positionals: { dbs: { describe: 'databases written by detbal run, import or kernel' } },
		options: {
			output: {
				type: 'string',
				alias: 'o',
				describe: 'file to write',
				defaultText: 'NAME.report.html beside the first database',
			},
			figures: { type: 'string', describe: 'folder to write every figure to, as SVG and PNG' },
			compare: {
				type: 'boolean',
				describe: 'with the kernels side by side, as detbal compare --quick shows them',
				defaultText: '2 to 8 kernels',
			},
			force: {
				type: 'boolean',
				describe: 'overwrite a file that is no report of detbal, too',
			},
			run: { type: 'number', describe: 'number of the run', defaultText: 'all runs' },
			...VERIFY_OPTIONS,
			json: JSON_OPTION,
		},
		examples: [
			['detbal report results/demo.sqlite', 'writes results/demo.report.html'],
			['detbal report a.sqlite b.sqlite -o both.html', 'two databases, judged together'],
			['detbal report run.sqlite --figures figures', 'and every figure as SVG and PNG'],
		],
		load: () => import('../report.js'),
	},
];
