using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Faults;
using Quoin.StripeSimulator.Resources;
using Quoin.StripeSimulator.Webhooks;

namespace Quoin.StripeSimulator.Internal;

/// <summary>
/// All there is: the objects, the clock, and what each kind of object does. One lock guards it; every call, page and
/// step of due work holds it from begin to end.
/// </summary>
internal sealed class World
{
    /// <summary>Begins with what an earlier life left in the journal, if any.</summary>
    public World(SimulatorOptions options)
    {
        Options = options;
        Clocks = new Clocks(options.Time);
        Ids = new IdMint(options.Seed);
        Idempotency = new Idempotency(Store, Clocks);
        Deliveries = new Deliveries(this);
        Events = new Events(this);
        Customers = new Customers(this);
        Catalogue = new Catalogue(this);
        PaymentMethods = new PaymentMethods(this);
        Balance = new Balance(this);
        Charges = new Charges(this);
        PaymentIntents = new PaymentIntents(this);
        SetupIntents = new SetupIntents(this);
        Invoices = new Invoices(this);
        Subscriptions = new Subscriptions(this);
        Checkouts = new Checkouts(this);
        PaymentLinks = new PaymentLinks(this);
        Portal = new Portal(this);
        Refunds = new Refunds(this);
        Disputes = new Disputes(this);
        Payouts = new Payouts(this);
        TestClocks = new TestClocks(this);
        Endpoints = new WebhookEndpoints(this);
        Files = new Files(this);
        Begin();
    }

    /// <summary>Guards everything here.</summary>
    public Lock Gate { get; } = new();

    public SimulatorOptions Options { get; }

    public Store Store { get; } = new();

    public Clocks Clocks { get; }

    public IdMint Ids { get; }

    public FaultScript Faults { get; } = new();

    public Idempotency Idempotency { get; }

    public Deliveries Deliveries { get; }

    public Events Events { get; }

    public Customers Customers { get; }

    public Catalogue Catalogue { get; }

    public PaymentMethods PaymentMethods { get; }

    public Balance Balance { get; }

    public Charges Charges { get; }

    public PaymentIntents PaymentIntents { get; }

    public SetupIntents SetupIntents { get; }

    public Invoices Invoices { get; }

    public Subscriptions Subscriptions { get; }

    public Checkouts Checkouts { get; }

    public PaymentLinks PaymentLinks { get; }

    public Portal Portal { get; }

    public Refunds Refunds { get; }

    public Disputes Disputes { get; }

    public Payouts Payouts { get; }

    public TestClocks TestClocks { get; }

    public WebhookEndpoints Endpoints { get; }

    public Files Files { get; }

    /// <summary>Where the pages are, without a slash at the end.</summary>
    public string Address { get; set; } = "http://localhost";

    /// <summary>The call at work, for events to name.</summary>
    public (string Id, string? Key)? Request { get; set; }

    /// <summary>Does something under the lock, with due work done before and everything written after.</summary>
    public T Do<T>(Func<T> work)
    {
        lock (Gate)
        {
            CatchUp();
            try
            {
                return work();
            }
            finally
            {
                CatchUp();
                Store.Commit();
                Deliveries.Wake();
            }
        }
    }

    /// <inheritdoc cref="Do{T}"/>
    public void Do(Action work) => Do(() =>
    {
        work();
        return true;
    });

    /// <summary>Seconds since 1970 where an object lives: on its test clock, or here.</summary>
    public long Now(JsonObject? owner = null) =>
        owner?.Text("_clock") is { } clock && Store.Find("test_helpers.test_clock", clock) is { } value
            ? value.Long("frozen_time")
            : Clocks.Now;

    /// <summary>A new object of a kind, with what all objects have. The first members are id, object and livemode.</summary>
    /// <param name="prefix">Of its id.</param>
    /// <param name="kind">Its <c>object</c>.</param>
    /// <param name="owner">On whose clock it lives; null on the simulator's.</param>
    public JsonObject New(string prefix, string kind, JsonObject? owner = null)
    {
        var id = Ids.New(prefix);
        while (Store.Find(id) is not null)
        {
            id = Ids.New(prefix);
        }

        var value = new JsonObject { ["id"] = id, ["object"] = kind, ["created"] = Now(owner), ["livemode"] = false };
        if (owner?.Text("_clock") is { } clock)
        {
            value["_clock"] = clock;
        }

        return value;
    }

    /// <summary>Keeps a new object and tells of it.</summary>
    public JsonObject Add(JsonObject value, string? eventType)
    {
        Store.Put(value);
        if (eventType is not null)
        {
            Events.Emit(eventType, value);
        }

        return value;
    }

    /// <summary>Changes an object and tells of it, with what it was before.</summary>
    public JsonObject Change(JsonObject value, string? eventType, Action<JsonObject> change)
    {
        var before = Json.Shown(value);
        change(value);
        Store.Put(value);
        if (eventType is not null)
        {
            Events.Emit(eventType, value, before);
        }

        return value;
    }

    /// <summary>An object named in a path.</summary>
    public JsonObject Get(string kind, string id) => Store.Find(kind, id) ?? throw ApiException.Missing(kind, id);

    /// <summary>An object named by a parameter; null when it was not sent.</summary>
    public JsonObject? Named(Form form, string name, string kind) => form.Text(name) is { } id
        ? Store.Find(kind, id) is { } found && !found.Flag("deleted") ? found
            : throw ApiException.MissingParameter(kind, id, form.Path(name))
        : null;

    /// <summary>Does all that is due by now on the simulator's clock, each at its own instant.</summary>
    public void CatchUp() => CatchUp(string.Empty, Clocks.Target, Clocks.At);

    /// <summary>Does all that is due on a clock.</summary>
    public void CatchUp(string clock, long until, Action<long, Action> at)
    {
        for (var steps = 0; Store.Due(clock, until) is var (due, value) && steps < Limits.DueStepsMax; steps++)
        {
            at(due, () => RunDue(value));
            if (Store.Find(value.Id()) is { } left && left.LongOrNull("_due") <= due)
            {
                throw new InvalidOperationException($"{value.Id()} is due at {due} however often it is done.");
            }
        }
    }

    /// <summary>Moves the simulator's clock on, doing what becomes due on the way.</summary>
    public void Advance(TimeSpan span)
    {
        if (span < TimeSpan.Zero)
        {
            throw new InvalidOperationException("The clock only moves on.");
        }

        Clocks.Ahead += span;
        Store.Put(new JsonObject { ["id"] = "_clock", ["object"] = "_clock", ["ahead"] = (long)Clocks.Ahead.TotalSeconds });
        CatchUp();
    }

    /// <summary>Forgets everything that happened; who is told of events stays.</summary>
    public void Reset()
    {
        var endpoints = Store.All("webhook_endpoint").ToList();
        Store.Clear();
        endpoints.ForEach(Store.Put);
        Faults.Clear();
        Clocks.Ahead = TimeSpan.Zero;
        Payouts.Begin();
    }

    private void Begin()
    {
        if (Options.JournalFile is { } file)
        {
            Store.Open(file);
            Clocks.Ahead = TimeSpan.FromSeconds(Store.Find("_clock")?.Long("ahead") ?? 0);
        }

        Deliveries.Begin();
        Payouts.Begin();
        Store.Commit();
    }

    private void RunDue(JsonObject value)
    {
        switch (value.Kind())
        {
            case "subscription":
                Subscriptions.RunDue(value);
                break;
            case "invoice":
                Invoices.RunDue(value);
                break;
            case "checkout.session":
                Checkouts.RunDue(value);
                break;
            case "refund":
                Refunds.RunDue(value);
                break;
            case "dispute":
                Disputes.RunDue(value);
                break;
            case "charge":
                Disputes.Open(value);
                break;
            case "payout":
                Payouts.RunDue(value);
                break;
            case Payouts.Schedule:
                Payouts.PayAll(value);
                break;
            default:
                throw new InvalidOperationException($"Nothing of {value.Kind()} can be due.");
        }
    }
}
