import { type CommandSpec, JSON_OPTION } from '../command.js';

/** Commands: what a reader looks at. */
export const REPORT: readonly CommandSpec[] = [
	{
		usage: 'report <dbs..>',
		describe: 'one self-contained HTML file with verdicts, figures, tables and methods',
		positionals: { dbs: { describe: 'databases written by detbal run or detbal import' } },
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
