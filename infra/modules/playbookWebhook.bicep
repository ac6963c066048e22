@description('Required. The vault that keeps the address.')
param vaultName string

@description('Required. The playbook that gets the alerts.')
param workflowName string

@description('Optional. The trigger of that playbook.')
param triggerName string = 'An_alert_is_delivered'

resource workflow 'Microsoft.Logic/workflows@2019-05-01' existing = {
  name: workflowName

  resource trigger 'triggers' existing = {
    name: triggerName
  }
}

// The address of a trigger carries a signature, so it goes from the service straight into the vault.
module webhookSecret 'webhookSecret.bicep' = {
  params: {
    vaultName: vaultName
    url: workflow::trigger.listCallbackUrl().value
  }
}

@description('What the app setting says instead of the address.')
output reference string = webhookSecret.outputs.reference
