using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Every way signing in with a wallet can end, in the order it is checked.</summary>
internal abstract record SignInWithWalletOutcome
{
    private SignInWithWalletOutcome()
    {
    }

    /// <summary>The signature proves nothing here and now.</summary>
    public sealed record NotProved(WalletProof Proof) : SignInWithWalletOutcome;

    /// <summary>The nonce was not given out for signing in, has been used, or is too old.</summary>
    public sealed record NonceUsed : SignInWithWalletOutcome;

    /// <summary>Nobody has this wallet, and nobody may sign up by themselves.</summary>
    public sealed record NotInvited : SignInWithWalletOutcome;

    /// <summary>It is their wallet.</summary>
    public sealed record Proved(SessionStart Start) : SignInWithWalletOutcome;
}

/// <summary>Lets people in by their wallet's signature, and makes them known at the first.</summary>
internal sealed class SignInWithWallet(
    NpgsqlDataSource database,
    Newcomers newcomers,
    SessionStarter starter,
    PublicLinks links,
    ProofOptions options,
    IAudit audit,
    TimeProvider time)
{
    /// <summary><c>POST /v1/auth/wallet/verify</c>.</summary>
    public static async Task<Results<Ok<SignInProgress>, Problem>> Endpoint(
        SignedMessage body,
        SignInWithWallet handler,
        ProofAnswer answer,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (ProofAnswer.CrossSite(context) is { } crossSite)
        {
            return crossSite;
        }

        if (handler.Origin(context) is not { } origin)
        {
            return AccountsProblems.PublicUrlUnknown();
        }

        var outcome = await handler.Handle(body, origin, SessionFacts.Of(context), cancellationToken);
        return outcome switch
        {
            SignInWithWalletOutcome.Proved(var start) => answer.Of(context, start, body.ReturnTo),
            SignInWithWalletOutcome.NotProved(var proof) => proof.ToProblem(),
            SignInWithWalletOutcome.NonceUsed => new Problem(
                ProofProblems.SiweNonceUsed, "The nonce is unknown, used or older than five minutes."),
            SignInWithWalletOutcome.NotInvited => new Problem(
                ProofProblems.SignUpClosed, "No account has this wallet."),
            _ => throw new UnreachableException(),
        };
    }

    public async Task<SignInWithWalletOutcome> Handle(
        SignedMessage signed, Uri origin, SessionFacts facts, CancellationToken cancellationToken)
    {
        var proof = WalletProof.Of(signed, origin, options.WalletChains, time.GetUtcNow());
        if (proof is not WalletProof.Holds(var message))
        {
            return new SignInWithWalletOutcome.NotProved(proof);
        }

        // Who signs in twice at once for the first time is made known once: the second looks again.
        var returnTo = SignedIn.LocalPath(signed.ReturnTo ?? "/");
        return await Try(message, returnTo, facts, cancellationToken)
            ?? await Try(message, returnTo, facts, cancellationToken)
            ?? throw new InvalidOperationException("The wallet was linked and unlinked at the same time.");
    }

    private async Task<SignInWithWalletOutcome?> Try(
        SiweMessage message, string returnTo, SessionFacts facts, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await SiweNonces.Use(transaction, message.Nonce, null, now, cancellationToken))
        {
            return new SignInWithWalletOutcome.NonceUsed();
        }

        if (await WalletRows.Owner(transaction, message.Address, cancellationToken) is not { } user)
        {
            var welcome = await newcomers.Welcome(
                transaction, new NewUser(null, null), returnTo, cancellationToken);
            if (welcome is not NewcomerOutcome.Welcomed(var newcomer))
            {
                return new SignInWithWalletOutcome.NotInvited();
            }

            if (!await WalletRows.Insert(transaction, newcomer, message, now, cancellationToken))
            {
                return null;
            }

            await LinkWallet.Record(audit, transaction, newcomer, message, cancellationToken);
            user = newcomer;
        }

        var start = await starter.Start(transaction, user, SessionMethod.Wallet, facts, cancellationToken);
        if (!await WalletRows.Use(transaction, user, message, now, cancellationToken))
        {
            return null;
        }

        await transaction.CommitAsync(cancellationToken);
        return new SignInWithWalletOutcome.Proved(start);
    }

    private Uri? Origin(HttpContext context) => links.Origin(context.Request);
}
