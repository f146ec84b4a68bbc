using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Payment methods left for later payments, without one now.</summary>
internal sealed class SetupIntents(World world)
{
    // What begins the same in each.
    private const string Blank = """
        {
          "application": null,
          "automatic_payment_methods": null,
          "cancellation_reason": null,
          "description": null,
          "last_setup_error": null,
          "latest_attempt": null,
          "mandate": null,
          "next_action": null,
          "on_behalf_of": null,
          "payment_method": null,
          "payment_method_options": {},
          "payment_method_types": ["card"],
          "single_use_mandate": null,
          "status": "requires_payment_method",
          "usage": "off_session"
        }
        """;

    private const string Kind = "setup_intent";

    public JsonObject Create(Call call)
    {
        var form = call.Form;
        var intent = New(world.Named(form, "customer", "customer"), form.Metadata());
        intent["payment_method"] = world.PaymentMethods.Named(form, "payment_method")?.Id();
        intent["usage"] = form.Text("usage") ?? "off_session";
        world.Add(intent, "setup_intent.created");
        return form.Flag("confirm") == true ? Confirm(intent) : intent;
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) => Lists.Page(
        call, world.Store.Newest(Kind)
            .Where(intent => intent.Fits(call.Form, "customer") && intent.Fits(call.Form, "payment_method")), Kind);

    public JsonObject Confirm(Call call)
    {
        var intent = world.Get(Kind, call.Id);
        intent["payment_method"] = world.PaymentMethods.Named(call.Form, "payment_method")?.Id() ?? intent.Text("payment_method");
        return Confirm(intent);
    }

    public JsonObject Cancel(Call call) => world.Change(
        world.Get(Kind, call.Id), "setup_intent.canceled", value => value["status"] = "canceled");

    /// <summary>A method to be left, of which nobody knows yet.</summary>
    public JsonObject New(JsonObject? customer, JsonObject? metadata)
    {
        var intent = world.New("seti_", Kind, customer);
        intent.Fill(Blank);
        intent["client_secret"] = $"{intent.Id()}_secret_{world.Ids.Of(25)}";
        intent["customer"] = customer?.Id();
        intent["metadata"] = metadata ?? [];

        return intent;
    }

    /// <summary>Leaves a method, if its bank agrees.</summary>
    public Verdict Attempt(JsonObject intent, JsonObject method, Presence presence)
    {
        intent["payment_method"] = method.Id();
        var verdict = Bank.Decide(PaymentMethods.CardOf(method), presence, method.Flag("_confirmed"));
        if (verdict == Verdict.Approved)
        {
            method["_confirmed"] = presence == Presence.Confirmed || method.Flag("_confirmed");
            Succeed(intent, method);
        }
        else if (verdict == Verdict.NeedsPayer)
        {
            world.Store.Put(method);
            world.Change(intent, "setup_intent.requires_action", value =>
            {
                value["status"] = "requires_action";
                value["next_action"] = new JsonObject
                {
                    ["redirect_to_url"] = new JsonObject
                    {
                        ["return_url"] = null,
                        ["url"] = $"{world.Address}/challenge/{value.Id()}"
                    },
                    ["type"] = "redirect_to_url",
                };
            });
        }
        else
        {
            Fail(intent, PaymentMethods.CardOf(method).Message, PaymentMethods.CardOf(method).Code);
        }

        return verdict;
    }

    /// <summary>The payer came back from their bank.</summary>
    public void FinishChallenge(JsonObject intent, bool isConfirmed)
    {
        var method = world.Get("payment_method", intent.Text("payment_method")!);
        if (intent.Text("status") != "requires_action")
        {
            return;
        }

        if (isConfirmed)
        {
            Attempt(intent, method, Presence.Confirmed);
        }
        else
        {
            Fail(
                intent,
                "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
                "setup_intent_authentication_failure");
        }
    }

    private JsonObject Confirm(JsonObject intent)
    {
        var method = world.Store.Find("payment_method", intent.Text("payment_method"))
            ?? throw ApiException.State(
                "setup_intent_unexpected_state", "You cannot confirm this SetupIntent because it's missing a payment method.");
        return Attempt(intent, method, Presence.Here) == Verdict.Declined
            ? throw PaymentMethods.Declined(PaymentMethods.CardOf(method), intent, Kind)
            : intent;
    }

    private void Succeed(JsonObject intent, JsonObject method)
    {
        if (world.Store.Find("checkout.session", intent.Text("_session")) is { } session)
        {
            world.Checkouts.NameCustomer(session, intent);
        }

        if (world.Store.Find("customer", intent.Text("customer")) is { } customer)
        {
            world.PaymentMethods.Attach(method, customer);
        }

        world.Store.Put(method);
        world.Change(intent, "setup_intent.succeeded", value =>
        {
            value["status"] = "succeeded";
            value["next_action"] = null;
        });
        if (world.Store.Find("checkout.session", intent.Text("_session")) is { } done)
        {
            world.Checkouts.Complete(done, method, null);
        }
    }

    private void Fail(JsonObject intent, string message, string code) => world.Change(intent, "setup_intent.setup_failed", value =>
    {
        value["status"] = "requires_payment_method";
        value["payment_method"] = null;
        value["next_action"] = null;
        value["last_setup_error"] = new JsonObject { ["code"] = code, ["message"] = message, ["type"] = "card_error" };
    });
}
