/** The works a report cites, numbered in the order in which it does. */
import { html, type Markup } from './html.js';

const WORKS = {
	song: [
		'Z.-Y. Song, Q.-H. Cao, M. Luo, H. X. Zhu, Detailed balance in large language model-driven agents (2025)',
		'arXiv:2512.10047',
		'https://arxiv.org/abs/2512.10047',
	],
	besag: [
		'J. Besag, P. Clifford, Generalized Monte Carlo significance tests, Biometrika 76, 633–642 (1989)',
		'doi:10.1093/biomet/76.4.633',
		'https://doi.org/10.1093/biomet/76.4.633',
	],
	diaconis: [
		'P. Diaconis, B. Sturmfels, Algebraic algorithms for sampling from conditional distributions, Ann. Statist. 26, 363–397 (1998)',
		'doi:10.1214/aos/1030563990',
		'https://doi.org/10.1214/aos/1030563990',
	],
	trendelkamp: [
		'B. Trendelkamp-Schroer, H. Wu, F. Paul, F. Noé, Estimation and uncertainty of reversible Markov models, J. Chem. Phys. 143, 174101 (2015)',
		'doi:10.1063/1.4934536',
		'https://doi.org/10.1063/1.4934536',
	],
	holm: [
		'S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6, 65–70 (1979)',
		null,
		null,
	],
	westfall: [
		'P. H. Westfall, S. S. Young, Resampling-Based Multiple Testing, Wiley (1993)',
		null,
		null,
	],
	jiang: [
		'X. Jiang, L.-H. Lim, Y. Yao, Y. Ye, Statistical ranking and combinatorial Hodge theory, Math. Program. 127, 203–244 (2011)',
		'doi:10.1007/s10107-010-0419-x',
		'https://doi.org/10.1007/s10107-010-0419-x',
	],
	schnakenberg: [
		'J. Schnakenberg, Network theory of microscopic and macroscopic behavior of master equation systems, Rev. Mod. Phys. 48, 571–585 (1976)',
		'doi:10.1103/RevModPhys.48.571',
		'https://doi.org/10.1103/RevModPhys.48.571',
	],
} as const;
export type Work = keyof typeof WORKS;

/** Hands out numbers, and then the list. */
export class References {
	readonly #cited: Work[] = [];

	/** `[1, 2]`, with links; may be handed on without its object. */
	readonly cite = (...works: readonly Work[]): Markup => {
		const numbers = works.map((work) => {
			if (!this.#cited.includes(work)) this.#cited.push(work);
			return this.#cited.indexOf(work) + 1;
		});
		const links = numbers.map((n, i) => html`${i === 0 ? '' : ', '}<a href="#_ref.${n}">${n}</a>`);
		return html`[${links}]`;
	};

	list(): Markup {
		return html`<ol class="references">
${this.#cited.map((work, i) => entry(work, i + 1))}</ol>
`;
	}
}

function entry(work: Work, n: number): Markup {
	const [text, label, address] = WORKS[work];
	const link = label === null ? null : html`, <a href="${address}" rel="noreferrer">${label}</a>`;
	return html`<li id="_ref.${n}">${text}${link}.</li>
`;
}

/** BibTeX of detbal at this version, and of the paper it tests. */
export function bibtex(version: string, year: string): string {
	return `@software{detbal,
  title   = {detbal: measures whether language models obey detailed balance},
  version = {${version}},
  year    = {${year}},
  license = {MIT}
}

@misc{song2025detailed,
  title         = {Detailed balance in large language model-driven agents},
  author        = {Song, Zhuo-Yang and Cao, Qing-Hong and Luo, Ming-xing and Zhu, Hua Xing},
  year          = {2025},
  eprint        = {2512.10047},
  archivePrefix = {arXiv}
}
`;
}
