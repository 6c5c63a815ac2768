import { knownModelBySha256 } from '../models/manifest.js';
import type { StoredKernel } from '../store/kernels.js';
import type { StoredCell, StoreReader } from '../store/reader.js';
import type {
	ExactRecord,
	GroupRecord,
	Identities,
	ModelRecord,
	TemplateRecord,
} from './dossier.js';

type Plain = Readonly<Record<string, unknown>>;
/** What a cell, or an exact kernel, is made of. */
type Made = Pick<StoredKernel, 'modelLabel' | 'templateLabel' | 'identities'>;
type Kind = 'task' | 'sampling' | 'numerics';

/** Contents by sha256, each once, in the order in which they are met. */
export class IdentityShelf {
	readonly #models = new Map<string, { content: Plain; labels: Set<string> }>();
	readonly #templates = new Map<string, { content: Plain; labels: Set<string> }>();
	readonly #others: Readonly<Record<Kind, Map<string, Plain>>> = {
		task: new Map(),
		sampling: new Map(),
		numerics: new Map(),
	};

	/** Takes up what the cells of one group are made of. @returns null for none, as an import has */
	add(reader: StoreReader, cells: readonly StoredCell[]): GroupRecord['identity'] {
		const [first, ...others] = cells;
		return first === undefined ? null : this.#take(reader, [first, ...others]);
	}

	/** Takes up what an exact kernel is made of. @param shapes the first shape before the others; not empty */
	addKernel(reader: StoreReader, shapes: readonly StoredKernel[]): ExactRecord['identity'] {
		const [first, ...others] = shapes;
		if (first === undefined) throw new RangeError('a kernel has at least one shape, got none');
		return this.#take(reader, [first, ...others]);
	}

	#take(
		reader: StoreReader,
		cells: readonly [Made, ...(readonly Made[])],
	): NonNullable<GroupRecord['identity']> {
		for (const { identities, modelLabel, templateLabel } of cells) {
			label(this.#models, reader, { sha256: identities.model, label: modelLabel });
			label(this.#templates, reader, { sha256: identities.template, label: templateLabel });
			for (const kind of ['task', 'sampling', 'numerics'] as const) {
				const known = this.#others[kind];
				const sha256 = identities[kind];
				if (!known.has(sha256)) known.set(sha256, plainOf(reader, sha256));
			}
		}
		const { model, template, task, sampling } = cells[0].identities;
		const numerics = [...new Set(cells.map(({ identities }) => identities.numerics))];
		return { model, template, task, sampling, numerics };
	}

	contents(): Identities {
		const plain = (kind: Kind) =>
			[...this.#others[kind]].map(([sha256, content]) => ({ sha256, content }));
		return {
			models: [...this.#models].map(([sha256, { content, labels }]) =>
				modelRecord(sha256, content, [...labels]),
			),
			templates: [...this.#templates].map(([sha256, { content, labels }]) =>
				templateRecord(sha256, content, [...labels]),
			),
			tasks: plain('task'),
			samplings: plain('sampling'),
			numerics: plain('numerics'),
		};
	}
}

function label(
	shelf: Map<string, { content: Plain; labels: Set<string> }>,
	reader: StoreReader,
	{ sha256, label: name }: { readonly sha256: string; readonly label: string },
): void {
	const known = shelf.get(sha256);
	if (known !== undefined) known.labels.add(name);
	else shelf.set(sha256, { content: plainOf(reader, sha256), labels: new Set([name]) });
}

/** A database is data from outside: an identity may be any JSON. */
function plainOf(reader: StoreReader, sha256: string): Plain {
	const content = reader.identity(sha256);
	const isPlain = typeof content === 'object' && content !== null && !Array.isArray(content);
	return isPlain ? (content as Plain) : { value: content };
}

function modelRecord(sha256: string, content: Plain, labels: string[]): ModelRecord {
	const file = String(content.sha256);
	const known = knownModelBySha256(file);
	return {
		sha256,
		content,
		labels,
		file: { sha256: file, bytes: typeof content.bytes === 'number' ? content.bytes : null },
		architecture: String(content.architecture),
		known: known && {
			id: known.id,
			licence: known.licence,
			uri: known.kind === 'catalog' ? known.uri : null,
		},
	};
}

function templateRecord(sha256: string, content: Plain, labels: string[]): TemplateRecord {
	return { sha256, content, labels, text: String(content.text), chat: content.chat === true };
}
