using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>Finds an organisation's key by its secret: for programs that name keys by nothing else.</summary>
internal sealed class FindKeyBySecret(SecretHasher hasher, KeyLookup keys)
{
    public async Task<KeyProfile?> Handle(OrgId org, string secret, CancellationToken cancellationToken)
    {
        if (!SecretText.IsKey(secret))
        {
            return null;
        }

        var hash = hasher.Hash(secret);
        return await keys.Find(hash, cancellationToken) is { } known
            && known.Owner == org
            && hash.EqualsInConstantTime(known.Hash)
                ? known.Profile
                : null;
    }
}
