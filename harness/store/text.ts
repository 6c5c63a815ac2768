declare global {
	/** In Node since 20.0, in TypeScript's library from ES2024. */
	interface String {
		isWellFormed(): boolean;
		toWellFormed(): string;
	}
}

/** False for text with a lone surrogate, which UTF-8, and so SQLite, cannot hold. */
export function isWellFormed(text: string): boolean {
	return text.isWellFormed();
}

/** Lone surrogates become U+FFFD; everything else, NUL too, is kept. */
export function wellFormed(text: string): string {
	return text.toWellFormed();
}
