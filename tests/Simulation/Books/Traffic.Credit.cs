using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>Grants, holds, and what comes again.</summary>
internal sealed partial class Traffic
{
    private CreateGrant Grant(DateTimeOffset now)
    {
        var key = Key();
        var effective = random.Next(3) == 0 ? now.AddHours(random.Next(-10, 24)) : (DateTimeOffset?)null;
        return new CreateGrant(
            org, AnyAccount(), key, Some(random.Next(1, 900)), (GrantSource)random.Next(4), now, key)
        {
            Priority = random.Next(3) == 0 ? random.Next(0, 4) * 15 : null,
            EffectiveAt = effective,
            ExpiresAt = random.Next(2) == 0 ? (effective > now ? effective : now).Value.AddMinutes(random.Next(1, 3000)) : null,
            Scopes = random.Next(4) == 0 ? [Scopes[random.Next(Scopes.Length)]] : [],
        };
    }

    private CreateHold Hold(DateTimeOffset now)
    {
        var key = Key();
        return new CreateHold(
            org,
            AnyAccount(),
            key,
            Some(random.Next(1, 250)),
            random.Next(5) == 0 ? PaymentTerms.Postpaid : PaymentTerms.Prepaid,
            now,
            now.AddMinutes(random.Next(1, 120)),
            key)
        {
            Overrun = random.Next(3) == 0 ? OverrunPolicy.Cap : OverrunPolicy.AllowNegative,
            Scopes = random.Next(3) == 0 ? AnyScopes() : new HashSet<string>(),
        };
    }

    // Often more than is left by now, and now and then in another currency or under a key that is taken.
    private LedgerCommand PartOfHold(DateTimeOffset now)
    {
        var hold = open.Count > 0 && random.Next(4) > 0 ? open[random.Next(open.Count)] : AnyHold();
        var at = random.Next(3) == 0 ? Around(now, hold) : now;
        var held = holds.Find(one => one.Id == hold).Terms?.Amount ?? Some(50);
        var part = random.Next(12) == 0
            ? new Money(random.Next(1, 50), held.Currency == Eur ? Currency.Usd : Eur)
            : held with { Micros = random.Next(5) == 0 ? held.Micros : random.NextInt64(1, held.Micros + 2) };
        var key = holds.Count > 0 && random.Next(12) == 0 ? holds[random.Next(holds.Count)].Terms.Key : Key();
        return random.Next(10) switch
        {
            0 => Hold(now) with { Key = key },
            < 3 => Hold(now) with { Terms = PaymentTerms.Postpaid },
            < 5 => new ReleaseHold(org, hold, at) { Part = part },
            _ => new SplitHold(org, hold, key, part, at, at.AddMinutes(random.Next(1, 180)), key),
        };
    }

    private CaptureHold Capture(DateTimeOffset now)
    {
        var id = AnyHold();
        var held = holds.Find(one => one.Id == id).Terms?.Amount ?? Some(50);
        var amount = held with { Micros = random.NextInt64(1, (held.Micros * 5 / 4) + 2) };
        return new CaptureHold(org, id, $"capture-{Key()}", amount, Around(now, id), "capture")
        {
            IsLast = random.Next(2) == 0,
            MayExceed = random.Next(2) == 0,
        };
    }

    private SetCreditLimit Limit()
    {
        var currency = Some(0).Currency;
        return new SetCreditLimit(
            org,
            AnyAccount(),
            currency,
            (PaymentTerms)random.Next(2),
            random.Next(4) == 0 ? null : new Money(random.Next(0, 500), currency));
    }

    private PostLinkedTransfers Linked(DateTimeOffset now)
    {
        var linked = new List<TransferRequest>();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            linked.Add(random.Next(3) == 0 ? OtherFact(now) : Usage(now));
        }

        // Often one that cannot be: a key that is taken, or more than a grant has.
        var last = random.Next(4) switch
        {
            0 => Refund(Key(), now) is var refund && refund.Fact is BusinessFact.CreditRefunded fact
                ? refund with { Fact = new BusinessFact.CreditRefunded(fact.Amount with { Micros = 1_000_000 }, fact.Grant) }
                : throw new InvalidOperationException(),
            1 => linked[0] with { Reference = "another body" },
            _ => Usage(now),
        };
        return new PostLinkedTransfers(org, [.. linked, last]);
    }

    private LedgerCommand Repeated(DateTimeOffset now, bool otherBody)
    {
        if (sent.Count == 0)
        {
            return Grant(now);
        }

        var command = sent[random.Next(sent.Count)];
        return otherBody ? WithOtherBody(command) : command;
    }

    private LedgerCommand WithOtherBody(LedgerCommand command) => command switch
    {
        PostTransfer post => new PostTransfer(random.Next(2) == 0
            ? post.Transfer with { OccurredAt = post.Transfer.OccurredAt.AddSeconds(1) }
            : post.Transfer with { Reference = post.Transfer.Reference + "!" }),
        CreateHold create => create with { Amount = create.Amount with { Micros = create.Amount.Micros + 1 } },
        SplitHold split => random.Next(2) == 0
            ? split with { Amount = split.Amount with { Micros = split.Amount.Micros + 1 } }
            : split with { From = AnyHold() },
        CaptureHold capture => capture with { IsLast = !capture.IsLast },
        CreateGrant create => create with { Amount = create.Amount with { Micros = create.Amount.Micros + 1 }, Reference = create.Key },
        PostLinkedTransfers linked => new PostLinkedTransfers(org, [.. linked.Transfers.Reverse()]),
        _ => command,
    };

    private string Key() => $"op{++keys}";

    private Money Some(long micros) => new(micros, random.Next(6) == 0 ? Eur : Currency.Usd);

    private BillingAccountId AnyAccount() => accounts[random.Next(accounts.Length)];

    private HashSet<string> AnyScopes() => [.. Scopes.Where(_ => random.Next(2) == 0)];

    // Mostly the last few: they are still open, and somebody else is about to end them, too.
    private HoldId AnyHold() => Stranger() is { } stranger
        ? new HoldId(stranger)
        : holds.Count == 0 ? new HoldId(Guid.Empty) : holds[^random.Next(1, Math.Min(holds.Count, 8) + 1)].Id;

    private GrantId AnyGrant() => OneGrant().Id;

    private (GrantId Id, CreateGrant? Terms) OneGrant() => Stranger() is { } stranger
        ? (new GrantId(stranger), null)
        : grants.Count == 0 ? (new GrantId(Guid.Empty), null) : grants[random.Next(grants.Count)];

    private Guid? Stranger() =>
        strangers.Count > 0 && random.Next(25) == 0 ? strangers[random.Next(strangers.Count)] : null;

    private DateTimeOffset Late(DateTimeOffset now) => random.Next(8) switch
    {
        0 => now.AddMinutes(-random.Next(0, 3000)),
        1 => Edge(grants.Count > 0 ? grants[^random.Next(1, Math.Min(grants.Count, 5) + 1)].Terms : null) ?? now,
        _ => now,
    };

    private DateTimeOffset Around(DateTimeOffset now, HoldId? about = null) => random.Next(6) switch
    {
        0 => now.AddMinutes(90),
        1 => now.AddMinutes(-10),
        2 => holds.Find(one => one.Id == about).Terms?.ExpiresAt ?? now,
        _ => now,
    };

    // The very instant at which a grant begins or ends: that is where half-open intervals go wrong.
    private DateTimeOffset? Edge(CreateGrant? terms) => random.Next(2) == 0 ? terms?.ExpiresAt : terms?.EffectiveAt;

    private ExpireGrant Expire(DateTimeOffset now)
    {
        var (id, terms) = OneGrant();
        var at = random.Next(3) == 0 ? terms?.ExpiresAt?.AddHours(24) : null;
        return new ExpireGrant(org, id, at ?? now.AddHours(random.Next(3) * 20));
    }

    private LedgerCommand End(DateTimeOffset now, bool inTime)
    {
        var hold = AnyHold();
        return inTime ? new ReleaseHold(org, hold, Around(now, hold)) : new ExpireHold(org, hold, Around(now, hold));
    }

    private RenewHold Renew(DateTimeOffset now)
    {
        var hold = AnyHold();
        var at = Around(now, hold);
        return new RenewHold(org, hold, at, at.AddMinutes(random.Next(1, 180)));
    }
}
