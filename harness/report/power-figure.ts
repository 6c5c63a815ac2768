import { figureSvg, type Panelled } from './figure.js';
import { powerDrawing } from './figures/power-curve.js';
import type { ShownPower } from './power-text.js';

const SIZE = { width: 480, height: 320, columns: 2 };

/** Power against attempts per state as SVG, one panel for each kernel; null where there is no curve. */
export function powerFigure(kernels: readonly ShownPower[]): string | null {
	const panels = kernels.flatMap(({ power, model, template }): Panelled[] => {
		if (power === null) return [];
		const title = model === null ? 'power of the exact test' : `${model} · ${template}`;
		return [{ title, drawing: powerDrawing(power, { width: SIZE.width, now: null }) }];
	});
	return panels.length === 0 ? null : figureSvg(panels, SIZE);
}
