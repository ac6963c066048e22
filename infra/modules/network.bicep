@description('Required. The name of the virtual network.')
@minLength(2)
@maxLength(64)
param name string

@description('Required. Where the network is kept.')
param location string

@description('Required. The tags of every resource.')
param tags { *: string }

var integrationSubnetName = 'function-app'
var endpointSubnetName = 'private-endpoints'

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/24'] }
    subnets: [
      {
        name: integrationSubnetName
        properties: {
          addressPrefix: '10.0.0.0/26'
          // Flex Consumption runs its instances there.
          delegations: [
            {
              name: 'flex-consumption'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: endpointSubnetName
        properties: {
          addressPrefix: '10.0.0.64/26'
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }
}

resource integrationSubnet 'Microsoft.Network/virtualNetworks/subnets@2025-01-01' existing = {
  parent: network
  name: integrationSubnetName
}

resource endpointSubnet 'Microsoft.Network/virtualNetworks/subnets@2025-01-01' existing = {
  parent: network
  name: endpointSubnetName
}

@description('The resource id of the network.')
output id string = network.id

@description('The subnet through which the app reaches others.')
output integrationSubnetId string = integrationSubnet.id

@description('The subnet of the private endpoints.')
output endpointSubnetId string = endpointSubnet.id
