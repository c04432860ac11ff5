# Settings of PSScriptAnalyzer for these scripts.
@{
    Severity     = @('Error', 'Warning', 'Information')
    ExcludeRules = @(
        # The FTP account is made for one run and stands in its plan: a nonce, no secret.
        'PSAvoidUsingPlainTextForPassword',
        'PSAvoidUsingUsernameAndPasswordParams',
        # The certificate pin, and files at a server: -WhatIf would be of no use to a runner.
        'PSUseShouldProcessForStateChangingFunctions'
    )
    Rules        = @{
        PSUseCompatibleSyntax      = @{ Enable = $true; TargetVersions = @('5.1', '7.0') }
        PSAvoidUsingCmdletAliases  = @{ Enable = $true }
        PSUseConsistentIndentation = @{ Enable = $true; IndentationSize = 4; Kind = 'space' }
    }
}
