using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>What tests need to be there, made through the doors.</summary>
internal static class Creating
{
    public static async Task<OrganisationProfile> CreateTest(this Organisations organisations, string name = "Acme")
    {
        var outcome = await organisations.Create(new NewOrganisation(name, OrganisationMode.Test), "system", default);
        return outcome.ShouldBeOfType<CreateOrganisationOutcome.Created>().Organisation;
    }

    public static async Task<CreatedKey> CreateKey(this Keys keys, OrgId org, DateTimeOffset? expiresAt = null)
    {
        var outcome = await keys.CreateForOrganisation(org, new NewKey("Test", expiresAt), "system", default);
        return outcome.ShouldBeOfType<CreateKeyOutcome.Created>().Key;
    }

    public static async Task<CreatedKey> CreateOperatorKey(this Keys keys)
    {
        var outcome = await keys.CreateForOperator(new NewOperatorKey("Test", [OperatorRole.Admin]), "system", default);
        return outcome.ShouldBeOfType<CreateKeyOutcome.Created>().Key;
    }

    public static async Task<string> CreateLink(this Operators operators, string email)
    {
        await operators.Create(email, [OperatorRole.Admin], "system", default);
        var outcome = await operators.CreateSignInLink(email, "system", default);
        return outcome.ShouldBeOfType<CreateSignInLinkOutcome.Created>().Path;
    }
}
