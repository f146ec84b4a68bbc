using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Simulation.Payments;

/// <content>What can happen.</content>
internal sealed partial class PaymentsRun
{
    private static readonly string[] Plans = ["starter", "growth"];
    private static readonly string[] Changes = ["starter", "growth", "growth", "cancel", "resume", "pause", "unpause"];

    private const string Customer = "usr_customer";

    // Mostly cards that pay; some that fail now, later, or whose money is called back.
    private static readonly string[] Cards =
    [
        TestCards.Pays, TestCards.Pays, TestCards.Pays, TestCards.Pays, TestCards.Declines, TestCards.HasInsufficientFunds,
        TestCards.FailsLater, TestCards.IsDisputed, TestCards.RefundsLate, TestCards.RefundFails,
    ];

    private readonly List<Intent> intents = [];
    private readonly List<(string Id, string Type, string Body)> news = [];
    private string? lastEvent;

    private int AnyReplica => random.Next(replicas.Length);

    private Task Act() => random.Next(100) switch
    {
        < 17 => AskForMore(),
        < 27 => Again(),
        < 40 => Pay(),
        < 52 => Deliver(),
        < 56 => CatchUp(),
        < 66 => Process(AnyReplica),
        < 74 => RunJobs(AnyReplica),
        < 82 => MoveClock(),
        < 96 => ActOnMoney(),
        _ => Kill(AnyReplica),
    };

    // What needs a subscription is asked for where there is one, mostly.
    private async Task AskForMore()
    {
        var isSubscribed = await Any("select 'yes' from payments.subscriptions where is_current") is not null;
        await Ask(NextIntent(isSubscribed || random.Next(10) == 0));
    }

    private Intent NextIntent(bool maySubscribed)
    {
        var (wish, detail) = random.Next(100) switch
        {
            < 25 => (Wish.TopUp, AnyAmount),
            < 35 => (Wish.OneOff, AnyAmount),
            < 43 => (Wish.Link, AnyAmount),
            < 90 when !maySubscribed => (Wish.Plan, AnyPlan),
            < 55 => (Wish.Plan, AnyPlan),
            < 65 => (Wish.Portal, "/account"),
            _ => (Wish.Change, Changes[random.Next(Changes.Length)]),
        };
        var intent = new Intent($"k{intents.Count}", wish, detail);
        intents.Add(intent);
        return intent;
    }

    // All that was sent arrives, and a replica goes through it.
    private async Task CatchUp()
    {
        for (var count = news.Count; count > 0; count--)
        {
            var one = news[0];
            news.RemoveAt(0);
            await Deliver(one);
        }

        await Process(AnyReplica);
    }

    private string AnyPlan => Plans[random.Next(Plans.Length)];

    private string AnyAmount => $"{random.Next(5, 40)}00";

    private Task Ask(Intent intent) => Begin(AnyReplica, $"asks for {intent}", async replica =>
    {
        var outcome = await Send(replica, intent);
        Learn(intent, outcome);
    });

    // The same key once more; now and then by a client that confuses its keys.
    private Task Again()
    {
        if (intents.Count == 0)
        {
            return Task.CompletedTask;
        }

        var intent = intents[random.Next(intents.Count)];
        if (intent.Answer is null || random.Next(4) > 0)
        {
            return Ask(intent);
        }

        var other = intent with
        {
            Detail = intent.Wish switch
            {
                Wish.Plan => Plans.First(plan => plan != intent.Detail),
                Wish.Change => Changes.First(change => change != intent.Detail),
                Wish.Portal => "/elsewhere",
                _ => "4321",
            },
        };
        return Begin(AnyReplica, $"asks for {other} with the key of {intent}", async replica =>
        {
            var outcome = await Send(replica, other);
            if (outcome is not PaymentRequestOutcome.Refused { Code: "idempotency_conflict" } && IsRemembered(intent))
            {
                throw new InvalidOperationException($"{other} was answered {outcome} after {intent}.");
            }
        });
    }

    private Task<PaymentRequestOutcome> Send(SimulatedReplica replica, Intent intent) => intent.Wish switch
    {
        Wish.Plan => Open(replica, intent, CheckoutFlow.Subscription, intent.Detail, null),
        Wish.OneOff => Open(replica, intent, CheckoutFlow.OneOff, null, new OneOffItem("Workshop", Minor(intent))),
        Wish.TopUp => replica.Get<TopUps>().Open(
            new NewTopUp(account, MinorUnits.ToMoney(Minor(intent), Currency.Usd), "/done", "/cancelled"),
            intent.Key,
            Customer,
            CancellationToken.None),
        Wish.Portal => replica.Get<Portals>().Open(account, intent.Detail, intent.Key, Customer, CancellationToken.None),
        Wish.Link => replica.Get<PaymentLinks>().Make(
            new NewPaymentLink(account, "/thanks", [new PaymentLinkItem(1, null, "Workshop", Minor(intent))]),
            intent.Key,
            Customer,
            CancellationToken.None),
        _ => replica.Get<SubscriptionChanges>().Ask(ChangeOf(intent), intent.Key, Customer, CancellationToken.None),
    };

    private Task<PaymentRequestOutcome> Open(
        SimulatedReplica replica, Intent intent, CheckoutFlow flow, string? plan, OneOffItem? item) =>
        replica.Get<Checkouts>().Open(
            new NewCheckout(account, flow, plan, item, "/done", "/cancelled"), intent.Key, Customer, CancellationToken.None);

    private NewSubscriptionChange ChangeOf(Intent intent) => intent.Detail switch
    {
        "cancel" => new NewSubscriptionChange(account, SubscriptionChangeKind.Cancel, null),
        "resume" => new NewSubscriptionChange(account, SubscriptionChangeKind.Resume, null),
        "pause" => new NewSubscriptionChange(account, SubscriptionChangeKind.Pause, null),
        "unpause" => new NewSubscriptionChange(account, SubscriptionChangeKind.Unpause, null),
        var plan => new NewSubscriptionChange(account, SubscriptionChangeKind.Plan, plan),
    };

    private static long Minor(Intent intent) => long.Parse(intent.Detail, CultureInfo.InvariantCulture);

    // Keys are kept for thirty days.
    private bool IsRemembered(Intent intent) => clock.GetUtcNow() - intent.AnsweredAt < TimeSpan.FromDays(29);

    private void Learn(Intent intent, PaymentRequestOutcome outcome)
    {
        switch (outcome)
        {
            case PaymentRequestOutcome.Answered(var response, var isReplayed):
                Tell($"{intent} is answered{(isReplayed ? " again" : string.Empty)}");
                if (intent.Answer is { } first && first != response && IsRemembered(intent))
                {
                    throw new InvalidOperationException($"{intent} was answered {first}, and then {response}.");
                }

                if (intent.Answer is null)
                {
                    (intent.Answer, intent.AnsweredAt) = (response, clock.GetUtcNow());
                    var answer = JsonNode.Parse(response)!;
                    intent.Session = (string?)answer["checkout"]?["provider_checkout_id"];
                    intent.Link = (string?)answer["payment_link"]?["id"];
                }

                break;
            case PaymentRequestOutcome.Refused(var code, var reason, _):
                Tell($"{intent} is refused: {code}");
                intent.Refusal = code;
                if (intent.Answer is not null && IsRemembered(intent))
                {
                    throw new InvalidOperationException($"{intent} was answered, and is then refused: {code}, {reason}");
                }

                break;
            default:
                throw new InvalidOperationException($"{intent} ended as {JsonSerializer.Serialize<object>(outcome)}.");
        }
    }

    // At the provider's page: mostly of a checkout the customer was sent to.
    private Task Pay()
    {
        var known = intents.Select(intent => intent.Session).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (intents.FindAll(intent => intent.Link is not null) is { Count: > 0 } links && random.Next(4) == 0)
        {
            known = [stripe.VisitLink(links[random.Next(links.Count)].Link!)];
        }

        var open = stripe.All("checkout.session")
            .Where(session => (string?)session["status"] == "open")
            .Select(session => (string)session["id"]!)
            .Where(id => known.Contains(id) || random.Next(10) == 0)
            .ToList();
        if (open.Count == 0)
        {
            return Task.CompletedTask;
        }

        var one = open[random.Next(open.Count)];
        var card = Cards[random.Next(Cards.Length)];
        var isPaid = stripe.PayCheckout(one, card);
        Tell($"the page of {Short(one)} is {(isPaid ? "paid" : "not paid")} with {card}");
        return Task.CompletedTask;
    }

    // What the provider tells since it was last looked at. Some of it never arrives.
    private void Gather()
    {
        foreach (var one in stripe.EventsAfter(lastEvent))
        {
            lastEvent = (string)one["id"]!;
            var type = (string)one["type"]!;
            if (isFaulty && random.Next(100) < 6)
            {
                Tell($"{type} {Short(lastEvent)} is lost");
                continue;
            }

            Tell($"{type} {Short(lastEvent)} waits");
            news.Add((lastEvent, type, one.ToJsonString()));
        }
    }

    private async Task Deliver()
    {
        for (var count = Math.Min(news.Count, random.Next(1, 5)); count > 0; count--)
        {
            // In order, mostly.
            var index = random.Next(3) > 0 ? 0 : random.Next(news.Count);
            var one = news[index];
            if (random.Next(6) > 0)
            {
                news.RemoveAt(index);
            }

            await Deliver(one);
        }
    }

    private async Task Deliver((string Id, string Type, string Body) one)
    {
        var replica = replicas[AnyReplica];
        var status = await Door.Deliver(
            replica.Get<IServiceProvider>(), one.Body, SimulatorFixture.WebhookSecret, clock.GetUtcNow());
        Tell($"{one.Type} {Short(one.Id)} arrives at {replica.Name}");
        status.ShouldBe(200);
    }

    // A replica goes through its news one turn at a time.
    private Task Process(int replica) =>
        callers.Exists(caller => caller.Replica == replica && caller.What == "goes through news")
            ? Task.CompletedTask
            : Begin(
                replica,
                "goes through news",
                its => its.Get<Pumps>().RunUntilIdle("payments.webhooks", CancellationToken.None));

    private Task RunJobs(int replica) =>
        Begin(replica, "runs jobs", its => its.Get<JobRunner>().RunDue(CancellationToken.None));

    private Task MoveClock()
    {
        var span = random.Next(100) switch
        {
            < 50 => TimeSpan.FromSeconds(random.Next(1, 20)),
            < 75 => TimeSpan.FromSeconds(random.Next(20, 200)),
            < 88 => TimeSpan.FromMinutes(random.Next(10, 45)),
            < 95 => TimeSpan.FromHours(random.Next(2, 9)),
            < 98 => TimeSpan.FromHours(25),
            _ => TimeSpan.FromDays(31),
        };
        clock.Advance(span);
        Tell($"{span} pass");
        return Task.CompletedTask;
    }

    private static string Short(string id) => id.Length <= 12 ? id : $"{id[..(id.IndexOf('_') + 1)]}…{id[^6..]}";
}
