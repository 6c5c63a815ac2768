/** Keeps laws `from` … `to` a few at a time and prints how many are safe; then tells what it was told. */
import { LawKeeper } from '../../harness/store/law-keeper.js';
import { lawAt, ORIGIN, pathAt } from './laws.js';

const STRIDE = 20;

const [file, from, to] = process.argv.slice(2) as [string, string, string];
const said: string[] = [];
for (let at = Number(from); at < Number(to); at += STRIDE) {
	const keeper = LawKeeper.open({ file, limit: 2 ** 30, say: (line) => said.push(line) });
	const shelf = keeper?.shelf(ORIGIN, 'tiny');
	for (let i = at; i < Math.min(at + STRIDE, Number(to)); i++) shelf?.put(pathAt(i), lawAt(i));
	keeper?.close();
	console.log(`kept ${at + STRIDE}`);
}
console.log(`said ${JSON.stringify(said)}`);
