/** What `detbal view` calls in a process of its own when somebody asks for the whole report. */
import { gatherDossier } from '../dossier/gather.js';
import { reportPage } from '../report/page/page.js';
import { version } from '../version.js';

/**
 * The report on what a database holds now.
 * @throws UsageError, HarnessError where it cannot be read or holds nothing to report on
 */
export async function makeReport({ file }: { readonly file: string }): Promise<string> {
	const dossier = await gatherDossier({
		dbs: [file],
		run: null,
		options: {},
		workers: null,
		signal: new AbortController().signal,
		toolVersion: version(),
		onGroup() {},
	});
	return reportPage(dossier, []);
}
