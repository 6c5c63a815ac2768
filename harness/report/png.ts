/** The one door to resvg: SVG to PNG by WebAssembly, so that no machine's library changes a byte. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

const require = createRequire(import.meta.url);

/** Pixels of the image to one of the drawing. */
const SCALE = 2;

let loaded: Promise<readonly Uint8Array[]> | undefined;

/** The renderer, once, and the fonts that its text is set in. */
async function load(): Promise<readonly Uint8Array[]> {
	await initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
	return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) =>
		readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${name}`)),
	);
}

/**
 * An SVG document as PNG, at twice its size.
 *
 * @param svg of this program: well-formed, fonts of DejaVu
 * @returns the file; the same document gives the same bytes on every machine
 * @throws Error if the document is not well-formed or has no size
 */
export async function pngOf(svg: string): Promise<Uint8Array> {
	loaded ??= load();
	const fontBuffers = [...(await loaded)];
	const resvg = new Resvg(svg, {
		fitTo: { mode: 'zoom', value: SCALE },
		font: { fontBuffers, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' },
	});
	try {
		const image = resvg.render();
		try {
			return image.asPng();
		} finally {
			image.free();
		}
	} finally {
		resvg.free();
	}
}
