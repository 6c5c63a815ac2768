/**
 * The engine seam. An engine answers one question: after these tokens, what is the law of the
 * next token? Temperature, truncation, stop rules and draws live in sampling/.
 */

/** Index into the model's vocabulary, 0 ≤ token < vocabularySize. */
export type Token = number;

/**
 * A position in the tree of completions, split the way it must be evaluated so that its bits
 * never depend on the schedule: `head` in one prompt evaluation, `rest` in a second, then each
 * token of `completion` in a decode batch of the engine's fixed width.
 */
export interface TokenPath {
	/** Prompt tokens shared by every source of a template; may be empty. */
	readonly head: readonly Token[];
	/** Remaining prompt tokens, at least one. */
	readonly rest: readonly Token[];
	/** Tokens generated so far. */
	readonly completion: readonly Token[];
}

/** The law of the next token: log p(i) = logits[i] − logNormalizer, in nats. */
export interface NextTokenLaw {
	/** One finite or −∞ logit for each token, in token-id order. Owned by the receiver. */
	readonly logits: Float32Array;
	/** log Σ exp(logits), accumulated in double precision. */
	readonly logNormalizer: number;
}

/** Flat record of everything that can change a bit of a law; values are resolved, never "auto". */
export type NumericsIdentity = Readonly<Record<string, string | number | boolean>>;

export interface EngineIdentity {
	/** sha256 of the model file (hex), or of the kernel's description for a synthetic engine. */
	readonly modelSha256: string;
	/** llama.cpp's name of the architecture; "synthetic" for a synthetic engine. */
	readonly architecture: string;
	readonly numerics: NumericsIdentity;
}

/** What the harness must know about a model to build prompts and stop. */
export interface ModelFacts {
	/** Longest context the model was trained for, in tokens. */
	readonly trainContextSize: number;
	readonly vocabularySize: number;
	/** Token put before every prompt, or null where the model wants none. */
	readonly bos: Token | null;
	readonly bosText: string;
	readonly eosText: string;
	/** The Jinja chat template of the model file, or null. */
	readonly chatTemplate: string | null;
}

/** Text in and out of a model, without evaluating anything. */
export interface Tokenizer {
	readonly facts: ModelFacts;
	/** `special`: read control tokens written out in the text (chat templates need it). Adds no BOS. */
	tokenize(text: string, special: boolean): Token[];
	detokenize(tokens: readonly Token[]): string;
	/** True for tokens that end a generation (EOS, EOT and their like). */
	isEnd(token: Token): boolean;
}

export interface Engine extends Tokenizer {
	readonly identity: EngineIdentity;
	/** Longest prompt + completion that laws() takes, in tokens. */
	readonly contextSize: number;
	/** How many paths are evaluated together at full speed. */
	readonly width: number;
	/**
	 * Laws after each path, in the order of the paths. Same path, same bits, whatever else is asked.
	 * @throws RangeError for an empty `rest`, a token outside the vocabulary, or a path that does not fit the context
	 */
	laws(paths: readonly TokenPath[]): Promise<NextTokenLaw[]>;
	/** Idempotent; afterwards laws() rejects. */
	close(): Promise<void>;
}

/**
 * How a prompt is cut into evaluations: its head and the rest in one each, the whole at once, or a
 * token each.
 */
export type PromptSplit = 'head|rest' | 'whole' | 'tokens';

/** A number format in which keys or values of attention are kept; the ids are GGUF's. */
export type KvType = 'F32' | 'F16' | 'Q8_0';

/**
 * The part of an evaluation's shape that no experiment file sets. Left out: head|rest, no flash
 * attention, keys and values in F16. Runs are made so; other shapes tell how much depends on it.
 */
export interface EvaluationShape {
	readonly promptSplit?: PromptSplit;
	readonly flashAttention?: boolean;
	readonly kvKeyType?: KvType;
	/** llama.cpp takes a quantised type here only with flash attention. */
	readonly kvValueType?: KvType;
}

/** Resolved settings of one context; all of them enter the numerics identity. */
export interface ContextSettings extends EvaluationShape {
	/** Tokens a slot can hold. */
	readonly contextSize: number;
	readonly width: number;
	readonly batchSize: number;
	/** 'auto': the fastest of a short timing. */
	readonly threads: number | 'auto';
}

/** A loaded model whose contexts can be opened once the prompts, and so their lengths, are known. */
export interface LoadedModel extends Tokenizer {
	/** Bytes of memory that a context of this shape asks for beyond the weights. */
	contextBytes(settings: ContextSettings): Promise<number>;
	open(settings: ContextSettings): Promise<Engine>;
	close(): Promise<void>;
}

/** @throws RangeError unless `path` can be evaluated in a context of `contextSize` tokens */
export function checkPath(path: TokenPath, vocabularySize: number, contextSize: number): void {
	if (path.rest.length === 0) throw new RangeError('a path needs at least one token in `rest`');
	const length = path.head.length + path.rest.length + path.completion.length;
	if (length > contextSize) {
		throw new RangeError(`a path of ${length} tokens does not fit a context of ${contextSize}`);
	}
	for (const part of [path.head, path.rest, path.completion]) {
		for (const token of part) {
			if (!Number.isInteger(token) || token < 0 || token >= vocabularySize) {
				throw new RangeError(`token ${token} is outside the vocabulary 0 … ${vocabularySize - 1}`);
			}
		}
	}
}

/** log Σ exp(logits) in double precision. @throws RangeError where no logit is finite or one is NaN or +∞ */
export function logSumExp(logits: Float32Array): number {
	let max = -Infinity;
	// By index: an iterator takes several times as long, and this is done for every law.
	for (let i = 0; i < logits.length; i++) {
		const x = logits[i] as number;
		if (!(x < Infinity)) throw new RangeError(`logit ${x} is not a number a law can hold`);
		if (x > max) max = x;
	}
	if (max === -Infinity) throw new RangeError('no token has a finite logit');
	let sum = 0;
	for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] as number) - max);
	return max + Math.log(sum);
}
