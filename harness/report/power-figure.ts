import { figureSvg, type Panelled, Plot } from './figure.js';
import type { ShownPower } from './power-text.js';

/** Power against attempts per state as SVG, one panel for each kernel; null where there is no curve. */
export function powerFigure(kernels: readonly ShownPower[]): string | null {
	const panels = kernels.flatMap(({ power, model, template }): Panelled[] => {
		if (power === null) return [];
		const { attemptsPerState, powers } = power.curves;
		const points = powers.flatMap(({ affinity, power: chances }) =>
			chances.map((chance, i) => ({
				attempts: attemptsPerState[i],
				chance,
				rms: String(affinity),
			})),
		);
		const drawing = {
			x: { type: 'log' as const, label: 'attempts per state' },
			y: { domain: [0, 1], label: 'power', grid: true },
			color: { type: 'categorical' as const, legend: true, label: 'rms A' },
			marks: [Plot.line(points, { x: 'attempts', y: 'chance', stroke: 'rms' })],
		};
		const title = model === null ? 'power of the exact test' : `${model} · ${template}`;
		return [{ title, drawing }];
	});
	return panels.length === 0 ? null : figureSvg(panels, { width: 480, height: 320, columns: 2 });
}
