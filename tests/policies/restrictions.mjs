// Whether what policies of an organization restrict leaves a request allowed. Reads and writes JSON.
import { readFileSync } from 'node:fs'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const attached = (policy) => (policy ? [{ orgIdentifier: 'root', policies: [{ name: 'policy', policy }] }] : [])

async function allowed({ service, resource, principal, account, action, arn, context }) {
  const answer = await runSimulation(
    {
      request: { principal, action, resource: { resource: arn, accountId: account }, contextVariables: context },
      identityPolicies: [{ name: 'everything', policy: everything }],
      serviceControlPolicies: attached(service),
      resourceControlPolicies: attached(resource),
    },
    {},
  )
  if (answer.resultType === 'error') throw new Error(JSON.stringify(answer.errors))
  return answer.overallResult === 'Allowed'
}

const answers = []
for (const one of JSON.parse(readFileSync(0, 'utf8'))) answers.push(await allowed(one))
console.log(JSON.stringify(answers))
