/** What is wrong with an open database: what SQLite's own checks find, and a schema that is not ours. */

/**
 * What SQLite's own checks and the references between tables find wrong.
 *
 * @param db a connection that may write, though nothing is written: through a read-only one SQLite leaves
 *   out the CHECKs
 * @returns sentences, each once with how often it was said; none: nothing is wrong
 * @throws SQLite's error where it cannot go on
 */
export function faultsIn(db: { pragma(source: string): unknown }): string[] {
	const said = (db.pragma('integrity_check') as { integrity_check: string }[])
		.map((row) => row.integrity_check)
		.filter((text) => text !== 'ok');
	const dangling = db.pragma('foreign_key_check') as { table: string; parent: string }[];
	return [
		...tally(said).map(([text, n]) => (n === 1 ? text : `${text} (${n} times)`)),
		...tally(dangling.map(({ table, parent }) => `${table} → ${parent}`)).map(
			([names, n]) => `${n} rows refer to nothing: ${names}`,
		),
	];
}

/** Different texts in order of appearance, with how often each is there. */
function tally(texts: readonly string[]): [text: string, count: number][] {
	const counts = new Map<string, number>();
	for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
	return [...counts];
}

/** What is needed of a connection to read its schema. */
interface Schematic {
	prepare(sql: string): { raw(on: boolean): { all(): unknown[] } };
}

/**
 * Tables, indexes and views whose SQL differs.
 *
 * @param found the database
 * @param meant one of the same version made anew
 * @returns a sentence for each; none: they are alike
 */
export function schemaFaults(found: Schematic, meant: Schematic): string[] {
	const [here, ours] = [schemaOf(found), schemaOf(meant)];
	return [...new Set([...here.keys(), ...ours.keys()])]
		.filter((name) => here.get(name) !== ours.get(name))
		.map((name) => {
			if (!ours.has(name)) return `${name} is not part of a detbal database`;
			return here.has(name) ? `${name} is not as detbal makes it` : `${name} is missing`;
		});
}

function schemaOf(db: Schematic): ReadonlyMap<string, string> {
	const sql = 'SELECT type || char(32) || name, sql FROM sqlite_schema WHERE sql IS NOT NULL';
	return new Map(db.prepare(sql).raw(true).all() as [name: string, sql: string][]);
}
