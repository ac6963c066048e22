@description('Required. The name of the function app.')
@minLength(2)
@maxLength(60)
param name string

@description('Required. The name of its plan.')
@minLength(1)
@maxLength(60)
param planName string

@description('Required. Where both are kept.')
param location string

@description('Required. The tags of every resource.')
param tags { *: string }

@description('Required. The tags of the function app itself, by which azd finds it.')
param appTags { *: string }

@description('Required. The resource id of the app\'s identity.')
param identityId string

@description('Required. The container that holds the package of the app.')
param packageUrl string

@description('Required. Memory of an instance, in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Required. How many instances may run at once.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Required. How many instances always wait for callers; 0 lets the app scale to nothing.')
@minValue(0)
@maxValue(100)
param alwaysReadyHttpInstances int

@description('Optional. The subnet through which the app reaches others. Absent: no virtual network.')
param subnetId string?

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: appTags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: subnetId
    siteConfig: {
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      remoteDebuggingEnabled: false
      scmMinTlsVersion: '1.2'
    }
    functionAppConfig: {
      runtime: { name: 'node', version: '24' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttpInstances > 0
          ? [{ name: 'http', instanceCount: alwaysReadyHttpInstances }]
          : []
      }
    }
  }
}

// Without these a password published for the app would still deploy to it.
resource basicAuthFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource basicAuthScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

@description('The name of the function app.')
output name string = app.name

@description('Where callers reach the app, without a closing slash.')
output url string = 'https://${app.properties.defaultHostName}'
