using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>An account of the model: a grant where it has terms.</summary>
internal sealed class ModelAccount
{
    public required string Name { get; init; }

    public required AccountKind Kind { get; init; }

    public required Currency Currency { get; init; }

    public CreateGrant? Terms { get; init; }

    /// <summary>The order in which grants were made.</summary>
    public int Age { get; init; }

    public long Balance { get; set; }

    public long Held { get; set; }

    public long Spent { get; set; }

    public int SpentBy { get; set; }

    public long? Limit { get; set; } = 0;

    public bool IsVoided { get; set; }

    public bool HasEnded { get; set; }

    public long Free => Balance - Held;

    public string State => (Balance, Held, IsVoided, HasEnded) switch
    {
        (0, 0, true, _) => "voided",
        (0, 0, _, true) => "expired",
        (0, 0, _, _) => "exhausted",
        _ => "open",
    };

    public bool MayPay(DateTimeOffset at, IReadOnlySet<string>? scopes)
    {
        var isInEffect = (Terms!.EffectiveAt is not { } from || from <= at) && (Terms.ExpiresAt is not { } until || at < until);
        var isMeant = Terms.Scopes.Count == 0 || (scopes is not null && Terms.Scopes.Any(scopes.Contains));
        return !IsVoided && isInEffect && isMeant;
    }
}

/// <summary>A billing account's accounts in one currency.</summary>
internal sealed class ModelChart(string name, Currency currency)
{
    private readonly Dictionary<AccountKind, ModelAccount> single = [];

    public List<ModelAccount> Grants { get; } = [];

    public IEnumerable<ModelAccount> Accounts => single.Values.Concat(Grants);

    public ModelAccount this[AccountKind kind]
    {
        get
        {
            if (!single.TryGetValue(kind, out var account))
            {
                account = new ModelAccount
                {
                    Name = $"{name} {kind.Name()}",
                    Kind = kind,
                    Currency = currency,
                    Limit = kind == AccountKind.Receivable ? null : 0,
                };
                single.Add(kind, account);
            }

            return account;
        }
    }

    public ModelAccount Uncovered(PaymentTerms terms) =>
        this[terms == PaymentTerms.Prepaid ? AccountKind.Overdraft : AccountKind.Receivable];

    /// <summary>Grants as they burn: by priority, then expiry, then age.</summary>
    public IEnumerable<ModelAccount> BurnOrder() => Grants
        .OrderBy(grant => grant.Terms!.Priority ?? UsualPriority(grant.Terms.Source))
        .ThenBy(grant => grant.Terms!.ExpiresAt ?? DateTimeOffset.MaxValue)
        .ThenBy(grant => grant.Terms!.At)
        .ThenBy(grant => grant.Age);

    /// <summary>What a hold may take; null is without limit.</summary>
    public long? Available(PaymentTerms terms, DateTimeOffset at, IReadOnlySet<string> scopes)
    {
        var rest = Uncovered(terms);
        var credit = Grants.Where(grant => grant.MayPay(at, scopes)).Sum(grant => grant.Free);
        return rest.Limit is { } limit ? Math.Max(0, credit + rest.Free + limit) : null;
    }

    private static int UsualPriority(GrantSource source) => source switch
    {
        GrantSource.Trial => 10,
        GrantSource.Promotional => 20,
        GrantSource.Plan => 30,
        _ => 40,
    };
}

/// <summary>A transfer of the model: what each account changed by.</summary>
internal sealed class ModelTransfer
{
    public required string Name { get; init; }

    public required string Key { get; init; }

    public required string Body { get; init; }

    public required string Kind { get; init; }

    public required int Count { get; init; }

    public BillingAccountId BillingAccount { get; init; }

    public Dictionary<ModelAccount, long> Moved { get; } = [];

    public void Move(ModelAccount account, long micros)
    {
        account.Balance += micros;
        Moved[account] = Moved.GetValueOrDefault(account) + micros;
    }

    public void Spend(ModelAccount account, long micros)
    {
        if (micros > 0)
        {
            Move(account, -micros);
            account.Spent += micros;
            account.SpentBy = Count;
        }
    }

    public void GiveBack(ModelAccount account, long micros)
    {
        Move(account, micros);
        account.Spent -= micros;
    }
}

/// <summary>A hold of the model.</summary>
internal sealed class ModelHold
{
    public required string Name { get; init; }

    public required string Body { get; init; }

    public required CreateHold Terms { get; init; }

    public required ModelChart Chart { get; init; }

    public required DateTimeOffset ExpiresAt { get; set; }

    public List<(ModelAccount Account, long Micros)> Parts { get; set; } = [];

    /// <summary>What it reserved, without what was split off or given back while it was open.</summary>
    public required long Amount { get; set; }

    public long Captured { get; set; }

    public HoldState State { get; set; }

    public long Left => Parts.Sum(part => part.Micros);

    public void Reserve(ModelAccount account, long micros)
    {
        if (micros > 0)
        {
            account.Held += micros;
            Parts.Add((account, micros));
        }
    }

    public void End(HoldState how)
    {
        foreach (var (account, micros) in Parts)
        {
            account.Held -= micros;
        }

        (Parts, State) = ([], how);
    }
}
