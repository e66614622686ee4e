import type { Token } from './tokens.ts'

/** What is read of a file; everything else that begins so ends with a semicolon and is passed over. */
const STATEMENTS = [
  ...['VERSION', 'NS_', 'BS_', 'BU_', 'BO_', 'SG_', 'CM_', 'BA_', 'VAL_', 'VAL_TABLE_', 'SIG_VALTYPE_', 'SG_MUL_VAL_'],
  ...['BA_DEF_', 'BA_DEF_DEF_', 'BA_DEF_REL_', 'BA_REL_', 'BA_DEF_DEF_REL_', 'BA_DEF_SGTYPE_', 'BA_SGTYPE_'],
  ...['BO_TX_BU_', 'BU_SG_REL_', 'BU_EV_REL_', 'BU_BO_REL_', 'EV_', 'EV_DATA_', 'ENVVAR_DATA_', 'SGTYPE_'],
  ...['SGTYPE_VAL_', 'SIG_TYPE_REF_', 'SIG_GROUP_', 'SIGTYPE_VALTYPE_', 'CAT_DEF_', 'CAT_', 'FILTER', 'NS_DESC_'],
] as const
export const KEYWORDS: ReadonlySet<string> = new Set(STATEMENTS)

/** Whether a statement begins here. */
export function isStart({ kind, text, isFirst }: Token): boolean {
  return kind === 'word' && isFirst && KEYWORDS.has(text)
}
