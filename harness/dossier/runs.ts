import { basename } from 'node:path';
import type { Experiment } from '../experiment/experiment.js';
import { experimentYaml } from '../experiment/write.js';
import { runDigest } from '../store/digest.js';
import { evaluationsOf } from '../store/glance.js';
import type { StoredRun, StoreReader } from '../store/reader.js';
import { storedReruns } from '../store/reruns.js';
import type { RunRecord } from './dossier.js';

/** The runs of some databases, and which of them are one experiment. */
export function recordRuns(readers: readonly StoreReader[], run: number | null): RunRecord[] {
	const records = readers.flatMap((reader, db) => {
		const reruns = storedReruns(reader);
		return reader
			.runs()
			.filter(({ id }) => run === null || id === run)
			.map((stored) => ({
				...recordRun(reader, stored),
				db,
				reruns: reruns.filter((rerun) => rerun.run === stored.id),
			}));
	});
	return records.map((record, i) => ({
		...record,
		twins: records.flatMap(({ key }, j) => (i !== j && key === record.key ? [j] : [])),
	}));
}

function recordRun(reader: StoreReader, stored: StoredRun) {
	const { id, name, key, createdAt, toolVersion, shard, config } = stored;
	const cells = reader.cells(id);
	return {
		id,
		name,
		key,
		digest: runDigest(reader, id),
		createdAt,
		toolVersion,
		shard: shard === null ? null : `${shard.index}/${shard.count}`,
		design: [...new Set(cells.map(({ design }) => design))],
		seeds: [...new Set(cells.map(({ seed }) => seed))].sort((a, b) => a - b),
		...reader.progress(id),
		evaluations: evaluationsOf(reader, id),
		experiment: experimentText(config),
	};
}

/** Experiment as YAML. A report names no folder of the machine it was made on. */
function experimentText(config: string): string {
	try {
		const { experiment, models } = JSON.parse(config) as {
			experiment: Experiment;
			models: readonly { readonly id: string; readonly sha256: string }[];
		};
		return experimentYaml(experiment, {
			list: 'words.txt',
			model: ({ id, path }) => ({
				path: path === null ? null : basename(path),
				sha256: models.find((model) => model.id === id)?.sha256 ?? null,
			}),
		});
	} catch {
		// Databases are data from outside: what was recorded is shown, whatever it is.
		return config;
	}
}
