using Quoin.Accounts;
using Quoin.Ledger;

namespace Quoin.Server.Wiring;

/// <summary>Lets the ledger ask Accounts who stands behind a key without knowing Accounts.</summary>
internal sealed class ActorOriginSource(Keys keys) : IActorOrigin
{
    /// <inheritdoc />
    public async ValueTask<string> Of(string actor, CancellationToken cancellationToken) =>
        await keys.OriginOf(actor, cancellationToken);
}
