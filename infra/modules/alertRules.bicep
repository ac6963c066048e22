@description('Required. The beginning of the rules\' names.')
param namePrefix string

@description('Required. Where the rules are kept.')
param location string

@description('Required. The tags of every resource.')
param tags { *: string }

@description('Required. The workspace that holds the log.')
param workspaceId string

@description('Required. What is switched on, `vaultCredential` where a secret or a certificate is used, and `manyTenants` where other tenants may consent; rules about anything else are left out.')
param features string[]

@description('Required. Minutes without a finished pull.')
@allowed([15, 30, 45, 60, 120, 180, 240, 300, 360])
param pullMissingMinutes int

@description('Required. Minutes by which the pull may lag.')
@minValue(5)
@maxValue(1440)
param pullLagMinutes int

@description('Optional. Who is told, by e-mail. Absent: no action group is made.')
@minLength(5)
param email string?

@description('Optional. An action group that exists already.')
param actionGroupId string?

var rules = filter(
  loadJsonContent('alertRules.json'),
  rule => empty(rule.features) || !empty(intersection(rule.features, features))
)

resource ownGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (email != null) {
  name: '${namePrefix}-operators'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'defender'
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: email ?? ''
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alertRules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in rules: {
    name: '${namePrefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.title
      description: rule.description
      enabled: true
      severity: rule.severity
      scopes: [workspaceId]
      evaluationFrequency: rule.frequency
      windowSize: replace(rule.window, '{pullMissingMinutes}', string(pullMissingMinutes))
      criteria: {
        allOf: [
          {
            query: replace(join(rule.query, '\n'), '{lagSeconds}', string(pullLagMinutes * 60))
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      // The fields of the log exist only once the app has run.
      skipQueryValidation: true
      autoMitigate: true
      actions: {
        actionGroups: concat(
          email == null ? [] : [ownGroup.id],
          actionGroupId == null ? [] : [actionGroupId ?? '']
        )
      }
    }
  }
]
