import { UsageError } from '../errors.js';

/** Pragmas that tell of a database; in brackets what they ask about. */
const TELL = [
	'foreign_key_check',
	'foreign_key_list',
	'index_info',
	'index_list',
	'index_xinfo',
	'integrity_check',
	'quick_check',
	'table_info',
	'table_list',
	'table_xinfo',
];
/** Pragmas that tell a value; in brackets they would set it. */
const TELL_VALUE = [
	'application_id',
	'collation_list',
	'compile_options',
	'database_list',
	'encoding',
	'freelist_count',
	'function_list',
	'journal_mode',
	'page_count',
	'page_size',
	'schema_version',
	'user_version',
];

/** Comments, blanks and empty statements before the first word. */
const BEFORE = /^(?:[\s;]|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))*/;
const EXPLAIN = /^explain(?:\s+query\s+plan)?\b/i;
const PRAGMA = /^pragma\s+(?:\w+\s*\.\s*)?(\w+)\s*(.?)/i;

/**
 * Refuses pragmas that may change something: SQLite takes some for statements that only read, and
 * carries some out while it prepares them.
 * @throws UsageError naming those that may be asked
 */
export function checkReads(sql: string): void {
	if (sql.includes('\0')) throw new UsageError('the query is refused: it holds a NUL character');
	const begin = sql.replace(BEFORE, '').replace(EXPLAIN, '').replace(BEFORE, '');
	if (!/^pragma\b/i.test(begin)) return;
	const [, name = '', next = ''] = PRAGMA.exec(begin) ?? [];
	const pragma = name.toLowerCase();
	const only = next === '' || next === ';' || next === '-' || next === '/';
	if (TELL.includes(pragma) && (only || next === '(')) return;
	if (TELL_VALUE.includes(pragma) && only) return;
	throw new UsageError(
		`only statements that read can be asked: PRAGMA ${name || '?'} in this form may change something; these tell: ${[...TELL, ...TELL_VALUE].join(', ')}`,
	);
}
