/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#include "types.h"
static inline void INIT_LIST_HEAD(struct list_head* l) {
  l->next = l->prev = l;
}
static inline void __list_add(struct list_head* n, struct list_head* p, struct list_head* x) {
  x->prev = n;
  n->next = x;
  n->prev = p;
  p->next = n;
}
static inline void list_add(struct list_head* n, struct list_head* h) {
  __list_add(n, h, h->next);
}
static inline void list_add_tail(struct list_head* n, struct list_head* h) {
  __list_add(n, h->prev, h);
}
static inline void list_del(struct list_head* e) {
  e->next->prev = e->prev;
  e->prev->next = e->next;
  e->next = (struct list_head*)0x100;
  e->prev = (struct list_head*)0x122;
}
static inline void list_del_init(struct list_head* e) {
  e->next->prev = e->prev;
  e->prev->next = e->next;
  INIT_LIST_HEAD(e);
}
static inline bool list_empty(const struct list_head* h) {
  return h->next == h;
}
#define list_entry(p, t, m) container_of(p, t, m)
#define list_first_entry(p, t, m) list_entry((p)->next, t, m)
#define list_next_entry(p, m) list_entry((p)->m.next, __typeof__(*(p)), m)
#define list_for_each_entry(p, h, m) \
  for (p = list_first_entry(h, __typeof__(*p), m); &p->m != (h); p = list_next_entry(p, m))
#define list_for_each_entry_safe(p, n, h, m)                                                \
  for (p = list_first_entry(h, __typeof__(*p), m), n = list_next_entry(p, m); &p->m != (h); \
       p = n, n = list_next_entry(n, m))
static inline void hlist_add_head(struct hlist_node* n, struct hlist_head* h) {
  n->next = h->first;
  if (h->first) h->first->pprev = &n->next;
  h->first = n;
  n->pprev = &h->first;
}
static inline void hlist_del(struct hlist_node* n) {
  *n->pprev = n->next;
  if (n->next) n->next->pprev = n->pprev;
}
#define hlist_entry_safe(p, t, m)       \
  ({                                    \
    __typeof__(p) _p = (p);             \
    _p ? container_of(_p, t, m) : NULL; \
  })
#define hlist_for_each_entry(p, h, m)                          \
  for (p = hlist_entry_safe((h)->first, __typeof__(*p), m); p; \
       p = hlist_entry_safe(p->m.next, __typeof__(*p), m))
