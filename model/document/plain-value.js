import { isMap, isScalar, isSeq } from 'yaml';
/** The plain value of a parsed tree, and what in it has none: unfit keys, numbers and texts. */
export function plainValue(root) {
    const mistakes = [];
    return { value: read(root, mistakes), mistakes };
}
function read(node, mistakes) {
    if (isMap(node))
        return readMap(node, mistakes);
    if (isSeq(node))
        return node.items.map((item) => read(item, mistakes));
    if (isScalar(node))
        return readScalar(node, mistakes);
    return null;
}
function readMap(map, mistakes) {
    const seen = new Set();
    const value = {};
    for (const pair of map.items) {
        const key = keyOf(pair, seen, mistakes);
        const item = read(pair.value, mistakes);
        if (key !== undefined)
            value[key] = item;
    }
    return value;
}
function keyOf(pair, seen, mistakes) {
    const offset = pair.key.range?.[0] ?? 0;
    const key = isScalar(pair.key) ? pair.key.value : undefined;
    const [problem, advice] = keyTrouble(key, seen);
    if (problem !== '')
        mistakes.push({ offset, problem, advice });
    if (problem !== '' || typeof key !== 'string')
        return undefined;
    seen.add(key);
    return key;
}
function keyTrouble(key, seen) {
    if (typeof key !== 'string')
        return ['a key must be text', 'put it in quotes'];
    if (seen.has(key))
        return [`the key "${key}" is there twice`, 'keep one of the two'];
    if (key === '<<')
        return ['merge keys are not read', 'write the values out'];
    if (key === '__proto__')
        return ['the key "__proto__" is reserved', 'choose another name'];
    return ['', ''];
}
function readScalar(scalar, mistakes) {
    const { value } = scalar;
    const offset = scalar.range?.[0] ?? 0;
    if (typeof value === 'number' && !isExact(scalar, value)) {
        mistakes.push({ offset, problem: `${scalar.source ?? value} is no number that can be kept exactly`, advice: 'put it in quotes' });
    }
    if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
        mistakes.push({ offset, problem: 'this text holds half of a character (a lone surrogate)', advice: 'write the whole character' });
    }
    return value;
}
function isExact(scalar, value) {
    if (!Number.isFinite(value))
        return false;
    return /[.eE]/.test(scalar.source ?? '') || Number.isSafeInteger(value);
}
//# sourceMappingURL=plain-value.js.map