import { bytesText } from '../report/bytes.js';
import { DASH, percent } from '../report/numbers.js';
import { group } from '../report/progress.js';
import { type Column, printable, textTable } from '../report/table.js';
import { StoreReader } from '../store/reader.js';
import { type Space, storeSpace } from '../store/space.js';
import { type Arguments, EXIT, several } from './command.js';
import type { Io } from './io.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	const databases = several(args, 'dbs').map((db) => {
		io.signal.throwIfAborted();
		const reader = StoreReader.open(db);
		try {
			return { db, ...storeSpace(reader) };
		} finally {
			reader.close();
		}
	});
	if (io.json) io.out(JSON.stringify({ schema: 'detbal/du/1', databases }));
	else
		for (const [i, database] of databases.entries())
			for (const line of [...(i > 0 ? [''] : []), ...spaceText(database)]) io.out(line);
	return EXIT.done;
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

function spaceText(space: Space & { readonly db: string }): string[] {
	const { db, bytes, wal, pageSize, freeBytes, objects, runs, imports, kernels } = space;
	const small = objects.filter((object) => object.bytes <= pageSize);
	const rest = {
		name: `${small.length} more of a page each`,
		bytes: small.length * pageSize,
		unused: small.reduce((sum, { unused }) => sum + unused, 0),
	};
	const shown = [...objects.filter((object) => object.bytes > pageSize), rest].filter(
		(object) => object.bytes > 0,
	);
	return [
		`${printable(db)}: ${bytesText(bytes)}, of these ${bytesText(freeBytes)} free${wal > 0 ? `; ${bytesText(wal)} not folded in yet` : ''}`,
		'',
		...textTable(
			[left('table or index'), right('size'), right('share'), right('unused')],
			shown.map((object) => [
				'kind' in object && object.kind === 'index' && object.name.startsWith('sqlite_')
					? `${object.table} (unique)`
					: object.name,
				bytesText(object.bytes),
				percent(object.bytes / Math.max(1, bytes)),
				percent(object.unused / object.bytes),
			]),
		),
		'',
		...textTable(
			[right('run'), left('name'), right('attempts'), right('laws'), right('size, about')],
			[
				...runs.map(({ run, name, attempts, laws, bytes: taken }) => [
					String(run),
					name,
					group(attempts),
					group(laws),
					bytesText(taken),
				]),
				['', 'imports', DASH, DASH, bytesText(imports)],
				['', 'exact kernels', DASH, DASH, bytesText(kernels)],
			],
		),
	];
}
