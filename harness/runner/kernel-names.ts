import { basename, extname } from 'node:path';

/** What a kernel is called by. */
interface Named {
	readonly model: string;
	readonly template: string;
	readonly sampling: { readonly temperature: number | null };
	/** file of the database it is in */
	readonly db: string;
}

/**
 * model · template, with the temperature and the database where they differ, and a number where
 * even these are the same.
 * @returns a name for each kernel, unlike every other
 */
export function kernelNames(kernels: readonly Named[]): string[] {
	const temperatures = new Set(kernels.map(({ sampling }) => sampling.temperature));
	const short = kernels.map(({ model, template, sampling }) => {
		const heat = temperatures.size > 1 ? ` · T ${sampling.temperature ?? '?'}` : '';
		return `${model} · ${template}${heat}`;
	});
	const named = short.map((name, i) => {
		const { db } = kernels[i] as Named;
		const elsewhere = short.some((other, j) => other === name && kernels[j]?.db !== db);
		return elsewhere ? `${name} (${basename(db, extname(db))})` : name;
	});
	return named.map((name, i) => {
		const before = named.slice(0, i).filter((other) => other === name).length;
		return before === 0 ? name : `${name} #${before + 1}`;
	});
}
