/** The part of JSON Schema 2020-12 that struct.schema.json uses; enough to ask whether it accepts a value. */
export type Schema = boolean | { readonly [keyword: string]: unknown }

/** Whether `schema` accepts `value`; throws on a keyword that is not known here. */
export function accepts(schema: Schema, value: unknown, root: Schema = schema): boolean {
  if (typeof schema === 'boolean') return schema
  return Object.entries(schema).every(([keyword, argument]) => {
    if (ANNOTATIONS.has(keyword)) return true
    const rule = KEYWORDS[keyword]
    if (rule === undefined) throw new Error(`json-schema.ts does not know ${keyword}`)
    return rule(argument as never, value, root, schema)
  })
}

const ANNOTATIONS = new Set(['$schema', '$id', '$defs', 'title', 'description', 'examples'])

type Rule = (argument: never, value: unknown, root: Schema, schema: Record<string, unknown>) => boolean
type Sub = Record<string, Schema>

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const TYPES: Record<string, (value: unknown) => boolean> = {
  object: isObject,
  array: Array.isArray,
  string: value => typeof value === 'string',
  number: value => typeof value === 'number',
  integer: Number.isInteger,
  boolean: value => typeof value === 'boolean',
}

const length = (value: unknown) => (typeof value === 'string' ? [...value].length : 0)
const size = (value: unknown) => (isObject(value) ? Object.keys(value).length : 0)

const KEYWORDS: Record<string, Rule> = {
  $ref: (ref: string, value, root) => accepts(definition(ref, root), value, root),
  type: (type: string, value) => TYPES[type]!(value),
  enum: (words: unknown[], value) => words.includes(value),
  anyOf: (choices: Schema[], value, root) => choices.some(choice => accepts(choice, value, root)),
  pattern: (pattern: string, value) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value),
  minLength: (least: number, value) => typeof value !== 'string' || length(value) >= least,
  maxLength: (most: number, value) => typeof value !== 'string' || length(value) <= most,
  minimum: (least: number, value) => typeof value !== 'number' || value >= least,
  maximum: (most: number, value) => typeof value !== 'number' || value <= most,
  minItems: (least: number, value) => !Array.isArray(value) || value.length >= least,
  maxItems: (most: number, value) => !Array.isArray(value) || value.length <= most,
  maxProperties: (most: number, value) => size(value) <= most,
  required: (names: string[], value) => !isObject(value) || names.every(name => Object.hasOwn(value, name)),
  items: (items: Schema, value, root) => !Array.isArray(value) || value.every(item => accepts(items, item, root)),
  prefixItems: (items: Schema[], value, root) =>
    !Array.isArray(value) || items.every((item, i) => i >= value.length || accepts(item, value[i], root)),
  properties: (properties: Sub, value, root) =>
    !isObject(value) ||
    Object.keys(properties).every(key => !Object.hasOwn(value, key) || accepts(properties[key]!, value[key], root)),
  propertyNames: (names: Schema, value, root) =>
    !isObject(value) || Object.keys(value).every(key => accepts(names, key, root)),
  additionalProperties: (others: Schema, value, root, schema) =>
    !isObject(value) ||
    Object.keys(value).every(
      key => Object.hasOwn((schema['properties'] as Sub) ?? {}, key) || accepts(others, value[key], root),
    ),
}

function definition(ref: string, root: Schema): Schema {
  const name = ref.replace(/^#\/\$defs\//, '')
  return (root as { $defs: Sub }).$defs[name]!
}
