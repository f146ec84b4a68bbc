using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Every way linking a wallet can end, in the order it is checked.</summary>
internal abstract record LinkWalletOutcome
{
    private LinkWalletOutcome()
    {
    }

    /// <summary>The signature proves nothing here and now.</summary>
    public sealed record NotProved(WalletProof Proof) : LinkWalletOutcome;

    /// <summary>The nonce was not given out to this person for linking, has been used, or is too old.</summary>
    public sealed record NonceUsed : LinkWalletOutcome;

    /// <summary>The person has <see cref="Limits.WalletsMax"/> wallets.</summary>
    public sealed record TooMany : LinkWalletOutcome;

    /// <summary>Another person has it.</summary>
    public sealed record Taken : LinkWalletOutcome;

    /// <summary>It is theirs, now or since before.</summary>
    public sealed record Linked(WalletProfile Wallet) : LinkWalletOutcome;
}

/// <summary>Lets a wallet sign a person in from now on.</summary>
internal sealed class LinkWallet(
    NpgsqlDataSource database,
    PublicLinks links,
    ProofOptions options,
    IAudit audit,
    SecurityNotices notices,
    TimeProvider time)
{
    /// <summary><c>POST /v1/me/wallets</c>.</summary>
    public static async Task<Results<Ok<WalletProfile>, Problem>> Endpoint(
        SignedMessage body, LinkWallet handler, HttpContext context, CancellationToken cancellationToken)
    {
        if (handler.Origin(context) is not { } origin)
        {
            return AccountsProblems.PublicUrlUnknown();
        }

        var outcome = await handler.Handle(context.Caller().Person(), body, origin, cancellationToken);
        return outcome switch
        {
            LinkWalletOutcome.Linked(var wallet) => TypedResults.Ok(wallet),
            LinkWalletOutcome.NotProved(var proof) => proof.ToProblem(),
            LinkWalletOutcome.NonceUsed => new Problem(
                ProofProblems.SiweNonceUsed, "The nonce is not one given out at /v1/me/wallets/nonce just now."),
            LinkWalletOutcome.TooMany => new Problem(
                ProofProblems.TooMany, $"There are already {Limits.WalletsMax} wallets."),
            LinkWalletOutcome.Taken => new Problem(ProofProblems.WalletTaken, "Another account has this wallet."),
            _ => throw new UnreachableException(),
        };
    }

    public async Task<LinkWalletOutcome> Handle(
        UserId user, SignedMessage signed, Uri origin, CancellationToken cancellationToken)
    {
        var proof = WalletProof.Of(signed, origin, options.WalletChains, time.GetUtcNow());
        if (proof is not WalletProof.Holds(var message))
        {
            return new LinkWalletOutcome.NotProved(proof);
        }

        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await SiweNonces.Use(transaction, message.Nonce, user, now, cancellationToken))
        {
            return new LinkWalletOutcome.NonceUsed();
        }

        // Two at the same moment may both pass; the limit keeps lists readable and guards nothing else.
        var wallets = await WalletRows.List(transaction, user, cancellationToken);
        var address = message.Address.ToString();
        if (wallets.FirstOrDefault(wallet => wallet.Address == address) is { } known)
        {
            await transaction.CommitAsync(cancellationToken);
            return new LinkWalletOutcome.Linked(known);
        }

        if (wallets.Count >= Limits.WalletsMax)
        {
            return new LinkWalletOutcome.TooMany();
        }

        // The audit log is locked before the wallet, as where its first signature makes somebody known.
        await Record(audit, transaction, user, message, cancellationToken);
        if (!await WalletRows.Insert(transaction, user, message, now, cancellationToken))
        {
            return new LinkWalletOutcome.Taken();
        }

        await notices.WayInAdded(transaction, user, $"the wallet {address}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        notices.Hint();
        return new LinkWalletOutcome.Linked(new WalletProfile(address, message.ChainId, now, LastUsedAt: null));
    }

    /// <summary>Records that a wallet signs somebody in from now on.</summary>
    public static Task Record(
        IAudit audit,
        NpgsqlTransaction transaction,
        UserId user,
        SiweMessage message,
        CancellationToken cancellationToken) => audit.Record(
            transaction,
            new AuditEntry(
                null,
                user.ToString(),
                "wallet.linked",
                user.ToString(),
                After: AuditState.Of(new { Address = message.Address.ToString(), message.ChainId })),
            cancellationToken);

    private Uri? Origin(HttpContext context) => links.Origin(context.Request);
}
