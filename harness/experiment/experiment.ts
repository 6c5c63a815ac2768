import type { Token } from '../engine/engine.js';

/** One experiment, validated. Every value is resolved or the word "auto"; nothing is optional. */
export interface Experiment {
	readonly name: string;
	/** One cell per seed; each 0 … 2^32 − 1. */
	readonly seeds: readonly number[];
	readonly task: TaskSpec;
	readonly sources: SourceDesign;
	/** Attempts per source (fixed), or in all per cell (crawl, chain). */
	readonly attempts: number;
	readonly models: readonly ModelReference[];
	readonly templates: readonly TemplateSpec[];
	/** One or more sampling settings; cells are model × template × sampling × seed. */
	readonly samplings: readonly SamplingSetting[];
	readonly engine: EngineSettings;
}

/** What the states are and how a completion is read. Contents, not file names: this is identity. */
export type TaskSpec =
	| {
			readonly kind: 'closed';
			readonly states: readonly string[];
			readonly read: 'whole' | 'first-word';
	  }
	| {
			readonly kind: 'words';
			readonly letterSum: number;
			/** Upper-case words of this letter sum that count as words, sorted, without repetition; null: any string of letters. */
			readonly words: readonly string[] | null;
	  };

export interface SourceDesign {
	readonly design: 'fixed' | 'crawl' | 'chain';
	/** Sources (fixed), states known at the start (crawl), or one start per chain (chain). */
	readonly states: readonly string[];
}

export interface ModelReference {
	/** Label in reports; also the id looked up in the model manifest where `path` is null. */
	readonly id: string;
	/** Absolute path of a GGUF file, or null for a model of the manifest. */
	readonly path: string | null;
	/** Expected sha256 (lower-case hex), or null. */
	readonly sha256: string | null;
}

export interface TemplateSpec {
	readonly id: string;
	/** Prompt text with at least one `{state}`. */
	readonly text: string;
	/** Wrap the text in the model's own chat template, as one user message. */
	readonly chat: boolean;
}

/** Applied in this order, as llama.cpp does: top-k, top-p, min-p on the model's law, then temperature. */
export interface SamplingSetting {
	/** ≥ 0; 0 takes the most probable token (lowest id on ties). */
	readonly temperature: number;
	/** 0: off. */
	readonly topK: number;
	/** 0 < topP ≤ 1; 1: off. */
	readonly topP: number;
	/** 0 ≤ minP < 1; 0: off. */
	readonly minP: number;
	/** Longest completion in tokens, the stop token included. */
	readonly maxTokens: number;
	/** A completion ends before the first of these. */
	readonly stop: readonly string[];
}

export interface EngineSettings {
	readonly gpu: 'cpu' | 'auto' | 'cuda' | 'vulkan' | 'metal';
	readonly gpuLayers: number | 'auto';
	readonly threads: number | 'auto';
	/** Decode rows evaluated together, 1 … 64. */
	readonly width: number;
	readonly contextSize: number | 'auto';
	/** Largest prompt evaluation in tokens. */
	readonly batchSize: number;
}

/** A prompt split as the engine must evaluate it. */
export interface Prompt {
	readonly head: readonly Token[];
	readonly rest: readonly Token[];
}
