// Hunts a file hash, an address or a domain across devices: docs/playbooks.md.

@description('Required. The name of the logic app; the app writes it into every operation.')
@minLength(1)
@maxLength(80)
param name string

@description('Required. Where the logic app runs and keeps its run history.')
param location string

@description('Required. The tags of every resource.')
param tags { *: string }

@description('Required. The resource id of the user-assigned identity that calls the functions.')
@minLength(1)
param identityId string

@description('Required. Where the functions are: https, host, no closing slash.')
@minLength(12)
param apiUrl string

@description('Required. The identifier URI of the functions\' API registration, for which the identity asks a token.')
@minLength(7)
param apiAudience string

@description('Optional. The resource id of the Log Analytics workspace that keeps a record of all runs. Absent: the run history only.')
@minLength(1)
param workspaceId string?

// The service wants to know the identity when the definition is saved, so it is written into it here.
var definition = json(replace(string(loadJsonContent('workflow.json')), '{identityId}', identityId))

resource workflow 'Microsoft.Logic/workflows@2019-05-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    state: 'Enabled'
    definition: definition
    parameters: {
      apiUrl: { value: apiUrl }
      apiAudience: { value: apiAudience }
    }
  }
}

// The newest version that takes logs by category was never called stable.
#disable-next-line use-recent-api-versions
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (workspaceId != null) {
  name: 'runs'
  scope: workflow
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'WorkflowRuntime', enabled: true }]
  }
}

@description('The name of the logic app.')
output name string = workflow.name

@description('The resource id of the logic app. The address of its trigger is a secret, and no output.')
output id string = workflow.id
